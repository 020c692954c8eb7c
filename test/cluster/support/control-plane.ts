/**
 * etcd, the API server and the controller-manager: a cluster without nodes. Enough for whoever only talks to the API;
 * nodes are put to it by `node.ts`, or are made up.
 *
 * Needs neither root nor containers, but the programs and the directory that `workspace.sh` gives.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { newDirectory } from "../../e2e/support/paths.ts";
import { until } from "../../e2e/support/until.ts";
import { type Account, makePrepullerAccount } from "./account.ts";
import { type Api, api } from "./api.ts";
import { type Authority, type CertificateFiles, makeAuthority } from "./certificates.ts";
import { apiServerPart, controllerManagerPart, etcdPart } from "./control-plane-parts.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import type { Part } from "./part.ts";
import { stablePort } from "./stable-port.ts";

export interface ControlPlaneOptions {
  /**
   * Whether the controller-manager runs too. Without it there are no default service accounts (every pod is refused
   * that names none), nothing is collected by its owner, and a silent node stays Ready. Default: true.
   */
  readonly controllers?: boolean;
  /** Further arguments of the controller-manager: `--controllers=*,-node-lifecycle-controller`. */
  readonly controllerArgs?: readonly string[];
  /** Further arguments of the API server: `--max-requests-inflight=2`. */
  readonly apiServerArgs?: readonly string[];
}

/** All that is needed to find a control plane again from another process. Plain data. */
export interface ControlPlanePlan {
  readonly directory: string;
  readonly ports: {
    readonly etcd: number;
    readonly etcdPeers: number;
    readonly apiServer: number;
    readonly controllerManager: number;
  };
  readonly options: ControlPlaneOptions;
  /** Path of the certificate of the CA. */
  readonly ca: string;
  readonly admin: CertificateFiles;
  readonly prepuller: Account;
}

export interface ControlPlane {
  readonly plan: ControlPlanePlan;
  readonly url: string;
  readonly admin: Api;
  /** With the rights of `deploy/prepuller/rbac.yaml`, and no others. */
  readonly prepuller: Api;
  /** Paths of kubeconfig files. */
  readonly kubeconfigs: { readonly admin: string; readonly prepuller: string };
  readonly etcd: Part;
  readonly apiServer: Part;
  readonly controllerManager: Part;
  /** Ends it, and removes all that it kept. */
  stop(): Promise<void>;
}

/** A control plane, and what puts nodes to it. */
export interface NewControlPlane extends ControlPlane {
  readonly authority: Authority;
}

export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<NewControlPlane> {
  const directory = newDirectory("c");
  mkdirSync(join(directory, "pki"));
  const authority = await makeAuthority(join(directory, "pki"));
  const [apiServer, etcd, etcdPeers, controllerManager] = await Promise.all([
    stablePort(),
    stablePort(),
    stablePort(),
    stablePort(),
  ]);
  const names = "DNS:localhost,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.96.0.1";
  const issued = await Promise.all([
    authority.issue("admin", "/O=system:masters/CN=admin"),
    authority.issue("apiserver", "/CN=kube-apiserver", names),
    // As an administrator it needs no account for each controller, whose making takes five seconds.
    authority.issue("controller-manager", "/O=system:masters/CN=system:kube-controller-manager"),
    authority.issue("service-accounts", "/CN=service-accounts"),
  ]);
  const url = urlOf(apiServer);
  const place = { directory, url, ca: authority.certificate };
  writeKubeconfig({ ...place, user: "admin", client: issued[0] });
  writeKubeconfig({ ...place, user: "controller-manager", client: issued[2] });

  const plan: Omit<ControlPlanePlan, "prepuller"> = {
    directory,
    ports: { etcd, etcdPeers, apiServer, controllerManager },
    options,
    ca: authority.certificate,
    admin: issued[0],
  };
  const parts = partsOf(plan);
  try {
    await Promise.all([parts.etcd.start(), parts.apiServer.start()]);
    if (options.controllers ?? true) await parts.controllerManager.start();
    const admin = api({ ...place, client: plan.admin });
    const prepuller = await makePrepullerAccount(admin, place);
    if (options.controllers ?? true) await defaultAccount(admin, prepuller.namespace);
    return { ...openControlPlane({ ...plan, prepuller }), authority };
  } catch (error) {
    await Promise.all(Object.values(parts).map((part) => part.kill()));
    throw error;
  }
}

/** A control plane that another process has started. */
export function openControlPlane(plan: ControlPlanePlan): ControlPlane {
  const { directory, ca, prepuller } = plan;
  const url = urlOf(plan.ports.apiServer);
  const parts = partsOf(plan);
  return {
    plan,
    url,
    admin: api({ url, ca, client: plan.admin }),
    prepuller: api({ url, ca, client: { token: prepuller.token } }),
    kubeconfigs: { admin: join(directory, "admin.kubeconfig"), prepuller: prepuller.kubeconfig },
    ...parts,
    async stop() {
      await Promise.all(Object.values(parts).map((part) => part.kill()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function partsOf(plan: Omit<ControlPlanePlan, "prepuller">) {
  return {
    etcd: etcdPart(plan),
    apiServer: apiServerPart(plan),
    controllerManager: controllerManagerPart(plan),
  };
}

const urlOf = (port: number) => `https://127.0.0.1:${port}`;

/** Pods are refused before the controller-manager has made the account that they run as. */
async function defaultAccount(admin: Api, namespace: string): Promise<void> {
  await until(`the default service account of ${namespace}`, () =>
    admin.get(`/api/v1/namespaces/${namespace}/serviceaccounts/default`),
  );
}
