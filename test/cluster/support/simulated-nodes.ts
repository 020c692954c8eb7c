/**
 * Many nodes that are nothing but objects of a real API server: they stay ready, and a pod that is put on one has
 * pulled its image after 1 to 3 seconds. They do not list what was pulled: who needs that, says so in the node's status.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Api } from "./api.ts";
import type { ControlPlane } from "./control-plane.ts";
import { type Part, part } from "./part.ts";
import { programs } from "./programs.ts";

const annotation = "kwok.x-k8s.io/node";
const stages = fileURLToPath(new URL("simulated-nodes.yaml", import.meta.url));

/** Starts what looks after all simulated nodes of a cluster. `kill` it before the control plane. */
export async function startSimulation({ plan }: ControlPlane): Promise<Part> {
  const kwok = part({
    directory: plan.directory,
    name: "kwok",
    command: programs.kwok,
    args: [
      ...["--config", stages, "--kubeconfig", join(plan.directory, "admin.kubeconfig")],
      ...["--manage-nodes-with-annotation-selector", `${annotation}=fake`, "--node-ip", "10.0.0.1"],
      ...["--node-lease-duration-seconds", "40"],
    ],
    isReady: () => true, // it takes up what is there, whenever it gets to it
  });
  await kwok.start();
  return kwok;
}

export interface SimulatedImage {
  readonly names: readonly string[];
  readonly sizeBytes: number;
}

/** Makes nodes that are ready from the first moment, each in one request. */
export async function makeNodes(
  admin: Api,
  names: readonly string[],
  images: readonly SimulatedImage[] = [],
): Promise<void> {
  const left = [...names];
  const worker = async () => {
    for (let name = left.pop(); name; name = left.pop())
      await admin.create("/api/v1/nodes", node(name, images));
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

function node(name: string, images: readonly SimulatedImage[]) {
  const resources = { cpu: "16", memory: "64Gi", pods: "110" };
  const now = new Date().toISOString();
  return {
    metadata: { name, annotations: { [annotation]: "fake" }, labels: { simulated: "true" } },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [
        {
          type: "Ready",
          status: "True",
          reason: "KubeletReady",
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      ],
      nodeInfo: {
        ...{
          architecture: "amd64",
          operatingSystem: "linux",
          kubeletVersion: "v1.34.4",
          kubeProxyVersion: "",
        },
        ...{ containerRuntimeVersion: "containerd://1.6.20", kernelVersion: "", osImage: "" },
        ...{ bootID: "", machineID: "", systemUUID: "" },
      },
      images,
    },
  };
}
