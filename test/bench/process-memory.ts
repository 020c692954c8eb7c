/**
 * The memory of a process, as Linux tells it; 0 where it does not.
 */
import { readFileSync, writeFileSync } from "node:fs";

/** In MB. */
export const residentMB = (pid: number) => statusMB(pid, "VmRSS");
/** In MB, since the process began or `forgetPeak` was called. */
export const peakMB = (pid: number) => statusMB(pid, "VmHWM");

export function forgetPeak(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

function statusMB(pid: number, field: string): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}
