import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import type { Progress } from "../../src/app/prepuller.ts";
import { progressLines, showProgress } from "../../src/cli/progress.ts";

const now = 100_000;

function pull(node: string, seconds: number, isStuck = false): Progress["underWay"][number] {
  const digest = `sha256:${"a".repeat(64)}`;
  const reference = `r.example/lab:w_1@${digest}`;
  return { node, reference, digest, since: now - seconds * 1000, isStuck };
}

function progress(parts: Partial<Progress> = {}): Progress {
  return { wanted: 12, present: 5, failed: 1, eligible: 4, ineligible: 0, underWay: [], ...parts };
}

describe("the lines of a progress", () => {
  it("begin with how many images are done, under way and failed", () => {
    expect(progressLines(progress(), now)).toEqual(["5 of 12 images done, 0 under way, 1 failed"]);
  });

  it("name nodes that pull, what, and for how long; and those that are stuck", () => {
    const underWay = [pull("node-1", 3), pull("node-2", 700, true)];
    expect(progressLines(progress({ underWay }), now)).toEqual([
      "5 of 12 images done, 2 under way, 1 failed",
      "  node-1  r.example/lab:w_1  3 s",
      "  node-2  r.example/lab:w_1  700 s  stuck",
    ]);
  });

  it("name at most ten nodes", () => {
    const underWay = Array.from({ length: 12 }, (_, i) => pull(`node-${i}`, 1));
    const lines = progressLines(progress({ underWay }), now);
    expect(lines).toHaveLength(12);
    expect(lines.at(-1)).toBe("  and 2 more");
  });
});

describe("on a terminal", () => {
  function terminal(columns: number) {
    const stream = Object.assign(new PassThrough(), { columns });
    const text = () => {
      let read = "";
      for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) read += chunk;
      return read;
    };
    return { stream, text };
  }
  const clear = "\u001b[0J";

  it("each state is written over the one before, and no line wraps", () => {
    const { stream, text } = terminal(30);
    const states = [undefined, progress({ underWay: [pull("node-1", 0)] })];
    const stop = showProgress(() => states.shift(), stream);
    stop();
    const [first = "", second = "", third] = text().split(clear).slice(1);
    expect(first).toBe("reading nodes and images …\n\u001b[1A");
    expect(second.split("\n").map((line) => line.length)).toEqual([29, 29, 0]);
    expect(third).toBeUndefined();
  });

  it("what is written after its end stays", () => {
    const { stream, text } = terminal(80);
    const stop = showProgress(() => progress(), stream);
    stop();
    text();
    stop();
    expect(text()).toBe("");
  });
});
