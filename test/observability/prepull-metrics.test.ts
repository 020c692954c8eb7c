import { describe, expect, it } from "vitest";
import { PrepullMetrics } from "../../src/observability/prepull-metrics.ts";

const nothing = { wanted: 0, present: 0, eligible: 0, ineligible: 0, stuck: [] };

/** Samples by name and labels, without the prefix that all have. */
async function samplesOf(metrics: PrepullMetrics): Promise<Record<string, number>> {
  const lines = (await metrics.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name = "", value] = /^image_source_prepuller_(\S+|\S+\{.*\}) (\S+)$/.exec(line) ?? [];
      return [name, Number(value)];
    }),
  );
}

describe("pulls", () => {
  it("are none in the beginning, and that is said", async () => {
    expect(await samplesOf(new PrepullMetrics())).toMatchObject({
      pulls_started_total: 0,
      pulls_succeeded_total: 0,
      pull_duration_seconds_count: 0,
      images_wanted: 0,
      nodes_stuck: 0,
    });
  });

  it("are counted by how they end", async () => {
    const metrics = new PrepullMetrics();
    for (let count = 0; count < 4; count += 1) metrics.pullStarted();
    metrics.pullSucceeded(12);
    metrics.pullFailed("ErrImagePull");
    metrics.pullFailed("ErrImagePull");
    expect(await samplesOf(metrics)).toMatchObject({
      pulls_started_total: 4,
      pulls_succeeded_total: 1,
      'pulls_failed_total{reason="ErrImagePull"}': 2,
    });
  });

  it("are counted by how long they took", async () => {
    const metrics = new PrepullMetrics();
    for (const seconds of [0.4, 1, 45, 700, 3600]) metrics.pullSucceeded(seconds);
    metrics.pullSucceeded(-3); // a clock that was put back
    expect(await samplesOf(metrics)).toMatchObject({
      'pull_duration_seconds_bucket{le="1"}': 3,
      'pull_duration_seconds_bucket{le="30"}': 3,
      'pull_duration_seconds_bucket{le="60"}': 4,
      'pull_duration_seconds_bucket{le="600"}': 4,
      'pull_duration_seconds_bucket{le="1800"}': 5,
      'pull_duration_seconds_bucket{le="+Inf"}': 6,
      pull_duration_seconds_count: 6,
      pull_duration_seconds_sum: 4346.4,
    });
  });

  it("that fail for any reason make no more series than there are known ones", async () => {
    const metrics = new PrepullMetrics();
    for (let count = 0; count < 1000; count += 1) metrics.pullFailed(`Strange${count}`);
    metrics.pullFailed("");
    metrics.pullFailed("constructor");
    metrics.pullFailed('quote"\n');
    const samples = await samplesOf(metrics);
    expect(Object.keys(samples).filter((name) => name.startsWith("pulls_failed"))).toEqual([
      'pulls_failed_total{reason="other"}',
    ]);
    expect(samples['pulls_failed_total{reason="other"}']).toBe(1003);
  });

  it.each([
    "ImagePullBackOff",
    "evicted",
    "pod vanished",
    "node vanished",
    "OutOfpods",
    "Forbidden",
    "internal",
  ])("that fail by %s have a series of their own", async (reason) => {
    const metrics = new PrepullMetrics();
    metrics.pullFailed(reason);
    expect((await samplesOf(metrics))[`pulls_failed_total{reason="${reason}"}`]).toBe(1);
  });
});

describe("progress", () => {
  it("is what was told last", async () => {
    const metrics = new PrepullMetrics();
    metrics.progress({ wanted: 20, present: 3, eligible: 5, ineligible: 2, stuck: ["node-1", "node-2"] });
    metrics.progress({ wanted: 10, present: 9, eligible: 4, ineligible: 1, stuck: ["node-2"] });
    expect(await samplesOf(metrics)).toMatchObject({
      images_wanted: 10,
      images_present: 9,
      nodes_eligible: 4,
      nodes_ineligible: 1,
      nodes_stuck: 1,
    });
  });

  it("names nodes only while they are stuck", async () => {
    const metrics = new PrepullMetrics();
    const named = async () => Object.keys(await samplesOf(metrics)).filter((name) => name.includes("node="));
    expect(await named()).toEqual([]);
    metrics.progress({ ...nothing, stuck: ["b.example.org", "a"] });
    expect(await named()).toEqual(['node_stuck{node="b.example.org"}', 'node_stuck{node="a"}']);
    metrics.progress({ ...nothing, stuck: ["a"] });
    expect(await named()).toEqual(['node_stuck{node="a"}']);
    metrics.progress(nothing);
    expect(await named()).toEqual([]);
  });
});

it("two of them in one process share nothing", async () => {
  const [first, second] = [new PrepullMetrics(), new PrepullMetrics()];
  first.pullStarted();
  expect((await samplesOf(second)).pulls_started_total).toBe(0);
});

it("names follow Prometheus' conventions, and each has its help and type", async () => {
  const metrics = new PrepullMetrics();
  const lines = (await metrics.text()).split("\n");
  const types = lines.flatMap((line) => {
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, type] as const];
  });
  expect(types).toHaveLength(10);
  for (const [name, type] of types) {
    expect(name).toMatch(/^image_source_prepuller_[a-z_]+$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name.endsWith("_seconds")).toBe(type === "histogram");
    expect(lines.some((line) => line.startsWith(`# HELP ${name} `) && line.endsWith("."))).toBe(true);
  }
});
