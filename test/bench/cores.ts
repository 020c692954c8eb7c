/**
 * Which core what runs on: servers on one, and what asks them on the other, so that neither takes time from the other.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const canPin = spawnSync("taskset", ["--version"]).status === 0;
const allowed = canPin ? allowedCores() : [];
const [loadCore, serverCore] = [allowed.at(0), allowed.at(-1)];

/** What has to be said about it with the numbers. */
export const placement =
  canPin && allowed.length > 1
    ? `servers on core ${serverCore}, the load on core ${loadCore}`
    : `NOT PINNED: ${canPin ? "one core for all" : "no taskset"}; ratios are rough`;

export function onServerCore(command: readonly string[]): readonly string[] {
  return pinned(serverCore, command);
}

export function onLoadCore(command: readonly string[]): readonly string[] {
  return pinned(loadCore, command);
}

function pinned(core: number | undefined, command: readonly string[]): readonly string[] {
  return core === undefined ? command : ["taskset", "--cpu-list", String(core), ...command];
}

/** Of a list such as `0-3,6`. */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first = 0, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
