/**
 * How the programs of a node are started.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { NodePlan } from "./node.ts";
import { type Part, part } from "./part.ts";
import { programs } from "./programs.ts";

const run = promisify(execFile);

export function containerdPart({ directory }: NodePlan): Part {
  return part({
    directory,
    name: "containerd",
    command: programs.containerd,
    args: ["--config", join(directory, "containerd.toml"), "--log-level", "info"],
    async isReady() {
      await run(programs.ctr, ["-a", join(directory, "c.sock"), "version"], { timeout: 5_000 });
      return true;
    },
  });
}

export function kubeletPart({ directory, name, ports }: NodePlan): Part {
  return part({
    directory,
    name: "kubelet",
    command: programs.kubelet,
    args: [
      ...["--config", join(directory, "kubelet.yaml"), "--kubeconfig", join(directory, `${name}.kubeconfig`)],
      ...["--root-dir", join(directory, "kubelet"), "--hostname-override", name, "-v=2"],
    ],
    isReady: async () => (await fetch(`http://127.0.0.1:${ports.health}/healthz`)).ok,
  });
}
