/**
 * A real node: a containerd and a kubelet with directories, sockets, ports, cgroups and addresses of their own, so that
 * several fit on one machine. It really pulls, and really starts what it pulled.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../e2e/support/until.ts";
import type { Api, Json } from "./api.ts";
import type { Authority } from "./certificates.ts";
import { makeCgroups } from "./cgroups.ts";
import { containerdConfig, networkConfig } from "./containerd-config.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import { kubeletConfig } from "./kubelet-config.ts";
import { containerdPart, kubeletPart } from "./node-parts.ts";
import type { Part } from "./part.ts";
import { prefix } from "./programs.ts";
import { stablePort } from "./stable-port.ts";

/** All that is needed to find a node again from another process. Plain data. */
export interface NodePlan {
  readonly name: string;
  readonly directory: string;
  readonly ports: { readonly kubelet: number; readonly health: number };
}

export interface RealNode {
  readonly name: string;
  readonly kubelet: Part;
  readonly containerd: Part;
  /** Its object in the API. */
  get(): Promise<Json>;
  /** What it says that it has: all names of all images. */
  images(): Promise<string[]>;
  isReady(): Promise<boolean>;
}

export interface NodeOptions {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Image of the sandbox of every pod. */
  readonly pauseImage: string;
}

export interface Place {
  /** Of the control plane. */
  readonly directory: string;
  readonly url: string;
  readonly authority: Authority;
  readonly admin: Api;
}

export async function startNode({ name, labels, pauseImage }: NodeOptions, place: Place): Promise<NodePlan> {
  const directory = join(place.directory, name);
  for (const below of ["cni", "kubelet"]) mkdirSync(join(directory, below), { recursive: true });
  const [kubelet, health] = await Promise.all([stablePort(), stablePort()]);
  const plan: NodePlan = { name, directory, ports: { kubelet, health } };

  const certificate = await place.authority.issue(
    name,
    `/O=system:nodes/CN=system:node:${name}`,
    `DNS:${name},IP:127.0.0.1`,
  );
  writeKubeconfig({
    directory,
    url: place.url,
    ca: place.authority.certificate,
    user: name,
    client: certificate,
  });
  const unique = `${prefix}-${kubelet}`;
  const write = (file: string, content: string) => writeFileSync(join(directory, file), content);
  write("containerd.toml", containerdConfig(directory, pauseImage));
  write("cni/10-tests.conflist", networkConfig(directory, unique, kubelet));
  write(
    "kubelet.yaml",
    kubeletConfig({ plan, ca: place.authority.certificate, certificate, cgroup: unique }),
  );
  makeCgroups(unique);

  const node = openNode(plan, place.admin);
  await node.containerd.start();
  await node.kubelet.start();
  // The kubelet itself may only set labels that belong to Kubernetes.
  await until(`the node ${name}`, () => node.get());
  await place.admin.patch(`/api/v1/nodes/${name}`, { metadata: { labels } });
  return plan;
}

/** A node that another process has started. */
export function openNode(plan: NodePlan, admin: Api): RealNode {
  const get = () => admin.get(`/api/v1/nodes/${plan.name}`);
  return {
    name: plan.name,
    kubelet: kubeletPart(plan),
    containerd: containerdPart(plan),
    get,
    async images() {
      const { status } = await get();
      return (status.images ?? []).flatMap(({ names }: Json) => names ?? []);
    },
    async isReady() {
      const { status } = await get();
      return (status.conditions ?? []).some(
        ({ type, status }: Json) => type === "Ready" && status === "True",
      );
    },
  };
}
