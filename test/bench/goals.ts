/**
 * What is aimed at, beside what was measured. What did not run is not judged.
 */
import type { Comparison } from "./compare.ts";
import type { Results } from "./sections.ts";

export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly reached: "yes" | "NO" | "not measured";
}

export function goalsOf(results: Results): Goal[] {
  const { grpc = [], marks = [], stalls = [] } = results;
  const menu = grpc.find(({ what }) => what === "MenuImages, 100 images");
  const tag = grpc.find(({ what }) => what.startsWith("ImageForTagName"));
  const update = results.update?.find(({ runtime }) => runtime === "node");
  const start = results.start?.find(({ runtime }) => runtime === "node");
  const memory = results.memory?.find(({ runtime }) => runtime === "node");
  const p99 = (work: string) => stalls.find((stall) => stall.while.includes(work))?.p99;
  const [rest, refreshed] = [p99("at rest"), p99("refreshed")];
  const slower = rest !== undefined && refreshed !== undefined ? refreshed - rest : undefined;
  const growth = memory?.manyMB && memory.manyMB / memory.someMB;
  return [
    ratioGoal("MenuImages, 100 images, gRPC: >= 1.0 of grpc-go", menu, "Node/grpc-go", 1),
    ratioGoal("MenuImages, 100 images, gRPC: >= 0.75 of the floor", menu, "Node/floor", 0.75),
    ratioGoal("ImageForTagName over 100 tags, gRPC: >= 0.75 of the floor", tag, "Node/floor", 0.75),
    limitGoal("p99 of MenuImages while 100,000 tags are refreshed: <= 20 ms above rest", slower, 20, "ms"),
    limitGoal("UpdateImages, 5,000 nodes of 50 images: <= 500 ms", update?.laterMs, 500, "ms"),
    limitGoal("UpdateImages, 5,000 nodes of 50 images: <= 300 MB above rest", update?.peakMB, 300, "MB"),
    costGoal(
      "MarkPrepulled: 10 nodes cost as much as 5,000 (>= 0.9, by CPU time)",
      marks[0],
      "many/few",
      0.9,
    ),
    limitGoal("start to ready, static source, Node: <= 400 ms", start?.readyMs, 400, "ms"),
    limitGoal("resident memory at rest, Node: <= 110 MB", memory?.restMB, 110, "MB"),
    limitGoal("memory after 1,000,000 calls: <= 1.1 of that after 100,000", growth, 1.1, ""),
  ];
}

/** By calls per second; the ratio by CPU time stands beside it, which other load on the machine disturbs less. */
function ratioGoal(goal: string, row: Comparison | undefined, pair: string, least: number): Goal {
  const [ratio, cpu] = [row?.ratios[pair], row?.cpuRatios[pair]];
  if (ratio === undefined) return notMeasured(goal);
  const measured = `${ratio.toFixed(2)} (by CPU time ${cpu?.toFixed(2)})`;
  return { goal, measured, reached: ratio >= least ? "yes" : "NO" };
}

function costGoal(goal: string, row: Comparison | undefined, pair: string, least: number): Goal {
  const ratio = row?.cpuRatios[pair];
  if (ratio === undefined) return notMeasured(goal);
  return { goal, measured: ratio.toFixed(2), reached: ratio >= least ? "yes" : "NO" };
}

function limitGoal(goal: string, value: number | undefined, most: number, unit: string): Goal {
  if (value === undefined) return notMeasured(goal);
  const measured = `${unit ? Math.round(value) : value.toFixed(2)} ${unit}`.trim();
  return { goal, measured, reached: value <= most ? "yes" : "NO" };
}

function notMeasured(goal: string): Goal {
  return { goal, measured: "", reached: "not measured" };
}
