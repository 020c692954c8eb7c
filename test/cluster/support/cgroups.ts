/**
 * The cgroups that a kubelet puts its pods into. It wants them to exist before it starts: in every hierarchy of
 * version 1, in the one of version 2.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function makeCgroups(name: string): void {
  for (const root of hierarchies()) mkdirSync(join(root, name), { recursive: true });
}

function hierarchies(): string[] {
  if (existsSync("/sys/fs/cgroup/cgroup.controllers")) return ["/sys/fs/cgroup"];
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .filter(([, , type]) => type === "cgroup")
    .map(([, directory = ""]) => directory);
}
