/**
 * A service that is restarted while its registry is away goes on from what it knew, and says so; a state that is of no
 * use is a warning.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type Ask, clients } from "./support/clients.ts";
import { labRepository } from "./support/content.ts";
import { ready } from "./support/health.ts";
import { newDirectory } from "./support/paths.ts";
import { freePlace, type Place, portsOf } from "./support/place.ts";
import { newRegistry, type Registry } from "./support/registry.ts";
import { type Runtime, runtimes, type Service, startService } from "./support/service.ts";
import { until } from "./support/until.ts";

describe.each(Object.keys(runtimes) as Runtime[])("the service under %s", (runtime) => {
  const stateDirectory = join(newDirectory("state"), "kept");
  const stateFile = join(stateDirectory, "lab.jsonl");
  let registry: Registry;
  let place: Place;
  let service: Service;
  let ask: Ask;
  let reference = "";
  let known: unknown;

  async function restart(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (signal === "SIGTERM") expect(await service.program.end("SIGTERM")).toBe(0);
    else await service.program.kill();
    await begin();
  }

  async function begin(): Promise<void> {
    service = await startService(runtime, place, configuration(), stateDirectory);
    await ready(service);
  }

  const configuration = () =>
    JSON.stringify({
      ...portsOf(place),
      stateDirectory,
      shutdown: { wait: "0s", grace: "5s" },
      sources: [
        {
          ...{ name: "lab", type: "docker", registry: registry.host, repository: labRepository },
          ...{ scheme: "http", refreshInterval: 0 },
        },
      ],
    });

  /** All that is answered from memory, without what tells of the time. */
  async function answers() {
    const [menu, prepulled, { image }] = [
      await ask.menuImages({}),
      await ask.prepulledImages({}),
      await ask.imageForReference({ reference }),
    ];
    return { menu: menu.images, prepulled: prepulled.images, image };
  }
  const snapshot = async () => (await ask.menuImages({})).snapshot;

  beforeAll(async () => {
    registry = await newRegistry("distribution 3", inject("seeded")["distribution 3"].storage);
    await registry.start();
    place = await freePlace();
    ask = clients(place).gRPC;
    await begin();
    const { images } = await ask.updateImages({
      nodeCache: { nodes: [{ name: "node-1" }, { name: "node-2", ineligibleReason: "cordoned" }] },
    });
    reference = images[0]?.reference ?? "";
    for (const image of images) await ask.markPrepulled({ reference: image.reference, node: "node-1" });
    known = await answers();
  });
  afterAll(async () => {
    await service?.program.kill();
    await registry?.stop();
  });

  it("answers as before while the registry is away, marked stale", async () => {
    const before = await snapshot();
    await registry.stop();
    await restart();
    expect(await answers()).toEqual(known);
    const after = await snapshot();
    expect(after).toMatchObject({ stale: true, nodeCount: 1, tagCount: before?.tagCount });
    expect(after?.updateTime).toEqual(before?.updateTime);
    expect(after?.version).toBeGreaterThan(before?.version ?? 0n);
  });

  it("answers an update from it, with the reason", async () => {
    const { images, snapshot: after, warnings } = await ask.updateImages({});
    expect(images.map((image) => image.nodes)).toContainEqual(["node-1"]);
    expect(after).toMatchObject({ stale: true, lastError: expect.stringMatching(/./) });
    expect(warnings.length).toBeGreaterThan(0);
  });

  it("keeps it also over a sudden death", async () => {
    await ask.markPrepulled({ reference, node: "node-3" });
    await until("the mark in the file", () => readFileSync(stateFile, "utf8").includes('"node-3"'));
    await restart("SIGKILL");
    expect((await ask.imageForReference({ reference })).image?.nodes).toContain("node-3");
    expect(readdirSync(stateDirectory)).toEqual(["lab.jsonl"]);
  });

  it("is no longer stale when the registry is back", async () => {
    await registry.start();
    expect((await ask.updateImages({})).snapshot).toMatchObject({ stale: false, lastError: "" });
  });

  it.each<[string, (text: string) => string]>([
    ["half-written", (text) => text.slice(0, text.length / 2)],
    ["of another registry", (text) => text.replace(/"registry":"[^"]*"/, '"registry":"elsewhere.example"')],
    ["of an older format", (text) => text.replace(/"format":\d+/, '"format":0')],
    ["garbage", () => "\0\x01garbage"],
    ["empty", () => ""],
  ])("begins anew where the state is %s, with a warning", async (_, harm) => {
    expect(await service.program.end("SIGTERM")).toBe(0);
    const harmed = harm(readFileSync(stateFile, "utf8"));
    writeFileSync(stateFile, harmed);
    await begin();
    expect(service.program.output()).toMatch(/"level":"warn".*cannot be used, and is begun anew/);
    expect(readFileSync(`${stateFile}.unusable`, "utf8")).toBe(harmed);
    expect(await snapshot()).toMatchObject({ stale: false, nodeCount: 0 });
    expect((await ask.menuImages({})).images.length).toBeGreaterThan(15);
  });
});
