/** Nodes: lists in pages, watches, and what is forgotten. */
import { describe, expect, it } from "vitest";
import { watchEvents } from "../../src/kubernetes/watch-events.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { nodeOf, type RequestsContext } from "./requests-context.ts";

export function nodeRequests(context: RequestsContext): void {
  const { ask, nodes, run } = context;
  const ofRun = { labelSelector: `run=${run}` };

  describe("a list", () => {
    it("comes in pages of one version, the last of which names no next one", async () => {
      const first = await ask("GET", "/api/v1/nodes", { query: { ...ofRun, limit: "2" } });
      const { continue: next, resourceVersion } = first.metadata;
      const last = await ask("GET", "/api/v1/nodes", { query: { ...ofRun, limit: "2", continue: next } });
      expect([...first.items, ...last.items].map(({ metadata }) => metadata.name)).toEqual(nodes);
      expect(last.metadata.resourceVersion).toBe(resourceVersion);
      expect(last.metadata.continue ?? "").toBe("");
    });

    it("shows in a later page what was there at the time of the first one", async () => {
      const first = await ask("GET", "/api/v1/nodes", { query: { ...ofRun, limit: "2" } });
      await context.target.addNode(nodeOf(run, `${run}-d`));
      const query = { ...ofRun, limit: "2", continue: first.metadata.continue };
      const last = await ask("GET", "/api/v1/nodes", { query });
      await context.target.removeNode(`${run}-d`);
      expect(last.items.map(({ metadata }: Json) => metadata.name)).toEqual([nodes[2]]);
    });

    it("has what a selector of labels selects", async () => {
      const query = { labelSelector: `run=${run},name=${nodes[1]}` };
      const { items } = await ask("GET", "/api/v1/nodes", { query });
      expect(items.map(({ metadata }: Json) => metadata.name)).toEqual([nodes[1]]);
    });

    it("has nodes with their images, or without any", async () => {
      const { items } = await ask("GET", "/api/v1/nodes", { query: ofRun });
      expect(items[0].status.images).toEqual([{ names: ["lab:w_2077_43"], sizeBytes: 1_000 }]);
      expect(items[0].status.nodeInfo.architecture).toBe("amd64");
      expect(items[0].metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(Date.parse(items[0].metadata.creationTimestamp)).toBeGreaterThan(0);
    });
  });

  describe("a watch", () => {
    it("tells what comes, changes and goes, from a version on", async () => {
      const name = `${run}-watched`;
      const { metadata } = await ask("GET", "/api/v1/nodes", { query: ofRun });
      await context.target.addNode(nodeOf(run, name));
      await context.target.changeNode(name, { spec: { unschedulable: true } });
      await context.target.removeNode(name);
      const events = await watchNode(context, name, metadata.resourceVersion);
      expect(typesOf(events)).toEqual(["ADDED", "MODIFIED", "DELETED"]);
      const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual(versions.toSorted((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
    });

    it("tells of what loses the labels that are selected as of what goes", async () => {
      const name = `${run}-relabelled`;
      const { metadata } = await ask("GET", "/api/v1/nodes", { query: ofRun });
      await context.target.addNode(nodeOf(run, name));
      await context.target.changeNode(name, { metadata: { labels: { run: "another" } } });
      const events = await watchNode(context, name, metadata.resourceVersion);
      await context.target.removeNode(name);
      const types = typesOf(events);
      expect([types[0], types.at(-1)]).toEqual(["ADDED", "DELETED"]);
    });

    it("ends in order after its time", async () => {
      const { metadata } = await ask("GET", "/api/v1/nodes", { query: ofRun });
      const more = { timeoutSeconds: "1" };
      expect(await watchNode(context, "nobody", metadata.resourceVersion, more)).toEqual([]);
    });
  });
}

/** To be asked last: on a real API server it is started anew. */
export function oldRequests(context: RequestsContext): void {
  const { ask, run } = context;
  const ofRun = { labelSelector: `run=${run}` };

  it("what is forgotten is gone: a watch does not go on from there", async () => {
    const { metadata } = await ask("GET", "/api/v1/nodes", { query: ofRun });
    await context.target.forget();
    let said: unknown;
    try {
      const version = String(Number(metadata.resourceVersion) - 1);
      const [event] = await watchNode(context, "nobody", version);
      expect(event?.type).toBe("ERROR");
      said = event?.object;
    } catch (error) {
      said = error;
    }
    expect(said).toMatchObject({ reason: "Expired" });
  });
}

/** Watches nodes from a version on, until that one has gone or the watch ends; gives what it told of it. */
async function watchNode({ api, run }: RequestsContext, name: string, resourceVersion: string, more = {}) {
  const query = {
    labelSelector: `run=${run}`,
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion,
    ...more,
  };
  const ending = new AbortController();
  const events: { readonly type: string; readonly object: Json }[] = [];
  const body = await api.open({ method: "GET", path: "/api/v1/nodes", query }, ending.signal);
  try {
    for await (const event of watchEvents(body)) {
      const object: Json = event?.object;
      if (event && [name, undefined].includes(object.metadata?.name)) events.push({ ...event, object });
      if (["DELETED", "ERROR"].includes(events.at(-1)?.type ?? "")) break;
    }
  } finally {
    ending.abort(new Error("enough"));
  }
  return events.filter(({ type }) => type !== "BOOKMARK");
}

/** Those of a real API server's own controllers are left out: that they change something does not count. */
function typesOf(events: readonly { readonly type: string }[]): string[] {
  const types = events.map(({ type }) => type);
  return types.filter((type, index) => type !== types[index - 1]);
}
