/** The service is away, or has nothing to say: what is known stays in force, and nothing is lost. */
import { describe, expect, it } from "vitest";
import { hangingKubelet, podOnNode } from "../support/kubernetes-kubelet.ts";
import { stoppedClock, until, untilInTime, world } from "./world.ts";

const tags = ["w_2077_42", "w_2077_43"];

describe("the service", () => {
  it("is unreachable, then back: what was pulled meanwhile is marked, and pulls went on", async () => {
    const clock = stoppedClock();
    const { fake, pods, holders, service, run } = await world({ tags, kubelet: hangingKubelet });
    const one = await run({ refreshInterval: 60_000 }, clock);
    await until("a pull is begun", () => pods.now.length === 1);
    await service.stop();
    fake.kubelet = (pod) => pod.ends(); // the node does not list it yet
    podOnNode(fake.pods()[0], fake.store).ends();
    await until("it is told", () => one.said("cannot tell the service what was pulled"));
    await until("the other one is pulled", async () => (await one.metric("pulls_succeeded_total")) === 2);
    await service.start();
    await untilInTime(clock, "both are marked", async () => {
      return (await Promise.all(tags.map(holders))).every(({ length }) => length === 1);
    });
    expect(pods.made).toHaveLength(2);
  });

  it("was restarted and has forgotten the marks: they are told again", async () => {
    const [tag = ""] = tags;
    const { pods, holders, service, run } = await world({ tags: [tag], kubelet: (pod) => pod.ends() });
    await run();
    await until("it is marked", async () => (await holders(tag)).length === 1);
    await service.stop();
    await service.start();
    await until("it is marked again", async () => (await holders(tag)).length === 1);
    expect(pods.made).toHaveLength(1);
  });

  it("is UNAVAILABLE for an hour from the beginning: told once, not ready, and all is done when it comes", async () => {
    const clock = stoppedClock();
    const began = clock.now();
    const { pods, holders, service, run } = await world();
    await service.stop();
    const one = await run({ refreshInterval: 300_000 }, clock);
    await untilInTime(clock, "an hour has passed", () => clock.now() - began > 3_600_000, 15_000);
    const told = one.lines.filter(({ msg }) => msg.includes("the service does not answer"));
    expect(told).toMatchObject([{ level: "warn" }]);
    expect(await one.isReady()).toBe(false);
    expect(one.end).toBeUndefined();
    expect(pods.made).toEqual([]);
    await service.start();
    await untilInTime(clock, "it is pulled", async () => (await holders("w_2077_43")).length === 1);
    expect(await one.isReady()).toBe(true);
  });

  it("cannot list its registry for a while: what it said last stays in force, also for new nodes", async () => {
    const { pods, registry, holders, addNode, run } = await world();
    const one = await run();
    await until(
      "it is pulled",
      async () => (await holders("w_2077_43")).length === 1 && pods.now.length === 0,
    );
    registry.rule({ path: /tags\/list$/, reply: { status: 500 } });
    addNode({ name: "n2" });
    await until("the new node is served", async () => (await one.metric("pulls_succeeded_total")) === 2);
  });

  it("does not know a source of that name: it is told, and the others are served", async () => {
    const { holders, run } = await world();
    const one = await run({ sources: ["nothing", "lab"] });
    await until("it is pulled", async () => (await holders("w_2077_43")).length === 1);
    expect(one.said("source nothing does not answer")).toMatchObject({ level: "warn" });
    expect(await one.isReady()).toBe(false);
  });

  it("is away with --once: nothing is made, and the failure is in the result", async () => {
    const { pods, service, open } = await world();
    await service.stop();
    const { failures, report } = await (await open()).once();
    expect(failures).toMatchObject([{ source: "" }]);
    expect(report.missing).toEqual([]);
    expect(pods.made).toEqual([]);
  });
});
