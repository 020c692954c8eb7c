/**
 * The programs of a cluster, as `tools.sh` puts them there, and the id of this run.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { work } from "../../e2e/support/paths.ts";

const kubernetes = "v1.34.4";

export const programs = {
  etcd: program("etcd-v3.6.4"),
  apiServer: program(`kube-apiserver-${kubernetes}`),
  controllerManager: program(`kube-controller-manager-${kubernetes}`),
  kubelet: program(`kubelet-${kubernetes}`),
  kwok: program("kwok-v0.8.0"),
  containerd: "containerd",
  ctr: "ctr",
  busybox: "/bin/busybox",
} as const;

/** What the names of things on this machine begin with, so that two runs at once do not share them. */
export const prefix = `isc-${basename(work).split(".").at(-1)}`;

function program(name: string): string {
  const path = join(process.env.IMAGE_SOURCE_E2E_TOOLS ?? "", name);
  if (!existsSync(path))
    throw new Error(`${name} is not there: start what needs it by test/cluster/workspace.sh`);
  return path;
}
