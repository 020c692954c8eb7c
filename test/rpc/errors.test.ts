/** Failures as callers see them: every row of the table "Errors" of the contract (architecture 1) that handlers make. */
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { DomainError, type Fault } from "../../src/domain/errors.ts";
import { sha } from "../support/domain.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { fault, ScriptedReader } from "../support/reader.ts";
import { sourceOf } from "../support/source.ts";
import { type Ask, everyWay } from "../support/transports.ts";
import { labSource, podReference, staticSource } from "./fixture.ts";

/** How long to look for something that becomes so. */
const soon = { timeout: 4_000 };

const tags = { r29_0_0: "aa", w_2077_40: "b0" };

/** A source of which only r29_0_0 is resolved. */
async function onDemand() {
  const reader = new ScriptedReader({ ...tags });
  const source = sourceOf(reader, { prepull: { ...noWeeklies } });
  await source.start();
  return { reader, source };
}

const noWeeklies = {
  ...{
    recommendedTag: "",
    numReleases: 1,
    numWeeklies: 0,
    numDailies: 0,
    cycle: undefined,
    pin: [],
    aliasTags: [],
  },
};

type Call = readonly [what: string, call: (ask: Ask) => Promise<unknown>];

const registryFaults: readonly (readonly [Fault, string, string])[] = [
  ["registry_unavailable", "Unavailable", "REGISTRY_UNAVAILABLE"],
  ["registry_rate_limited", "ResourceExhausted", "REGISTRY_RATE_LIMITED"],
  ["registry_limit", "ResourceExhausted", "REGISTRY_LIMIT"],
  ["registry_denied", "FailedPrecondition", "REGISTRY_DENIED"],
  ["repository_not_found", "FailedPrecondition", "REPOSITORY_NOT_FOUND"],
  ["registry_corrupt", "DataLoss", "REGISTRY_CORRUPT"],
];

describe.each(everyWay)("%s", (_, open) => {
  it.each<[string, (ask: Ask) => Promise<unknown>, string]>([
    ["a source that is not configured", (ask) => ask.menuImages({ source: "nope" }), "UNKNOWN_SOURCE"],
    ["… in an update", (ask) => ask.updateImages({ source: "nope" }), "UNKNOWN_SOURCE"],
    [
      "… in a mark",
      (ask) => ask.markPrepulled({ source: "nope", reference: "a:b", node: "n" }),
      "UNKNOWN_SOURCE",
    ],
    ["… in a question about nodes", (ask) => ask.prepulledImages({ source: "nope" }), "UNKNOWN_SOURCE"],
    ["an unknown tag", (ask) => ask.imageForTagName({ tagName: "none" }), "UNKNOWN_IMAGE"],
    [
      "an unknown tag of a reference",
      (ask) => ask.imageForReference({ reference: podReference("none") }),
      "UNKNOWN_IMAGE",
    ],
    [
      "an unknown digest",
      (ask) => ask.imageForReference({ reference: `r.example/sciplat/lab@${sha("ff")}` }),
      "UNKNOWN_IMAGE",
    ],
    [
      "unknown both",
      (ask) => ask.imageForReference({ reference: podReference("none", "ff") }),
      "UNKNOWN_IMAGE",
    ],
    [
      "another repository",
      (ask) => ask.imageForReference({ reference: "r.example/x:sandbox" }),
      "UNKNOWN_IMAGE",
    ],
    [
      "another registry",
      (ask) => ask.imageForReference({ reference: "r.example:81/sciplat/lab:sandbox" }),
      "UNKNOWN_IMAGE",
    ],
    [
      "another digest",
      (ask) => ask.imageForReference({ reference: podReference("sandbox", "ff") }),
      "DIGEST_MISMATCH",
    ],
    [
      "a digest of an image without one",
      (ask) => ask.imageForReference({ reference: podReference("exp_dask", "ff") }),
      "DIGEST_MISMATCH",
    ],
  ])("does not find %s", async (_, call, reason) => {
    const { ask, bugs } = await open(await labSource());
    expect(await failureOf(call(ask))).toMatchObject(contractFailure("NotFound", reason));
    expect(bugs).toEqual([]);
  });

  it("names both digests where they differ", async () => {
    const { ask } = await open(await labSource());
    const { message } = await failureOf(ask.imageForReference({ reference: podReference("sandbox", "ff") }));
    expect(message).toContain(sha("ff"));
    expect(message).toContain(sha("55"));
  });

  it.each<Call>([
    ["MenuImages", (ask) => ask.menuImages({})],
    ["PrepulledImages", (ask) => ask.prepulledImages({})],
    ["ImageForTagName", (ask) => ask.imageForTagName({ tagName: "sandbox" })],
    ["ImageForReference", (ask) => ask.imageForReference({ reference: podReference("sandbox") })],
  ])("%s is not ready before the first listing", async (_, call) => {
    const { ask } = await open(staticSource());
    expect(await failureOf(call(ask))).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
  });

  it("ListSources answers before the first listing, without a snapshot; a mark is not applied", async () => {
    const { ask } = await open(staticSource());
    const { sources } = await ask.listSources({});
    expect(sources.map(({ name, snapshot }) => [name, snapshot])).toEqual([["lab", undefined]]);
    const mark = await ask.markPrepulled({ reference: podReference("sandbox"), node: "node-1" });
    expect(mark.applied).toBe(false);
  });

  it("an update that waits is not ready when the source is stopped, and so is one that comes later", async () => {
    const { reader, source } = await onDemand();
    const { ask } = await open(source);
    const listing = Promise.withResolvers<void>();
    reader.gate = listing.promise;
    const before = reader.asked.length;
    const waiting = failureOf(ask.updateImages({}));
    await expect.poll(() => reader.asked.length, soon).toBeGreaterThan(before);
    source.stop();
    expect(await waiting).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
    expect(await failureOf(ask.updateImages({}))).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
  });

  describe.each(registryFaults)("%s", (kind, code, reason) => {
    it("is told by an update where nothing was ever listed", async () => {
      const reader = new ScriptedReader(tags);
      reader.failure = fault(kind, "so it is");
      const { ask, bugs } = await open(sourceOf(reader));
      expect(await failureOf(ask.updateImages({}))).toMatchObject({
        ...contractFailure(code, reason),
        message: "so it is",
      });
      expect(bugs).toEqual([]);
    });

    it("is told by a lookup on demand, with the time to come back where there is one", async () => {
      const { reader, source } = await onDemand();
      const { ask } = await open(source);
      reader.broken.set("w_2077_40", new DomainError(kind, "so it is", { retryAfterMs: 61_500 }));
      const failed = contractFailure(code, reason, { retries: [61_500] });
      expect(await failureOf(ask.imageForTagName({ tagName: "w_2077_40" }))).toMatchObject(failed);
      const reference = podReference("w_2077_40");
      expect(await failureOf(ask.imageForReference({ reference }))).toMatchObject(failed);
    });
  });

  it("tells a time to come back that is no whole number of milliseconds", async () => {
    const { reader, source } = await onDemand();
    const { ask } = await open(source);
    reader.broken.set(
      "w_2077_40",
      new DomainError("registry_rate_limited", "slow", { retryAfterMs: 1000.1 }),
    );
    const { code, retries } = await failureOf(ask.imageForTagName({ tagName: "w_2077_40" }));
    expect([code, retries]).toEqual(["ResourceExhausted", [expect.closeTo(1000.1, -1)]]);
  });

  it("a tag that is listed and gone is not found, with a digest too", async () => {
    const { reader, source } = await onDemand();
    const { ask } = await open(source);
    reader.tags = {};
    const gone = contractFailure("NotFound", "UNKNOWN_IMAGE");
    expect(await failureOf(ask.imageForTagName({ tagName: "w_2077_40" }))).toMatchObject(gone);
    const reference = podReference("w_2077_40", "ff");
    expect(await failureOf(ask.imageForReference({ reference }))).toMatchObject(gone);
  });

  it("a tag that has another digest at the registry is a mismatch", async () => {
    const { ask } = await open((await onDemand()).source);
    const reference = podReference("w_2077_40", "ff");
    expect(await failureOf(ask.imageForReference({ reference }))).toMatchObject(
      contractFailure("NotFound", "DIGEST_MISMATCH"),
    );
  });

  it("is overloaded beyond 100 tags that wait; those who share a wait, and lists, are answered", async () => {
    const names = Array.from({ length: 102 }, (_, index) => `w_2076_${index}`);
    const reader = new ScriptedReader(Object.fromEntries(names.map((name) => [name, "aa"])));
    const source = sourceOf(reader, { prepull: { ...noWeeklies } });
    await source.start();
    const { ask } = await open(source);
    const registry = Promise.withResolvers<void>();
    reader.gate = registry.promise;
    const before = reader.asked.length;
    const waiting = names.slice(0, 100).map((tagName) => ask.imageForTagName({ tagName }));
    await expect.poll(() => reader.asked.length, soon).toBe(before + 100);
    const refused = await failureOf(ask.imageForTagName({ tagName: "w_2076_100" }));
    expect(refused).toMatchObject(
      contractFailure("ResourceExhausted", "OVERLOADED", { retries: [expect.any(Number)] }),
    );
    expect(refused.retries[0]).toBeGreaterThan(0);
    const shared = ask.imageForTagName({ tagName: "w_2076_0" });
    expect((await ask.menuImages({})).images).toHaveLength(102);
    registry.resolve();
    expect(await Promise.all([...waiting, shared])).toHaveLength(101);
    expect(reader.asked).toHaveLength(before + 100);
  });

  it("a bug is told to the log whole and to the caller not at all", async () => {
    const { reader, source } = await onDemand();
    const { ask, bugs } = await open(source);
    const bug = new TypeError("secret of the program");
    reader.broken.set("w_2077_40", bug);
    const failure = await failureOf(ask.imageForTagName({ tagName: "w_2077_40" }));
    expect(failure).toMatchObject(contractFailure("Internal", "INTERNAL"));
    expect(JSON.stringify(failure)).not.toContain("secret");
    expect(bugs).toEqual([bug]);
  });

  it("a caller who leaves is no bug, and the run goes on without him", async () => {
    const { reader, source } = await onDemand();
    const { ask, bugs } = await open(source);
    const registry = Promise.withResolvers<void>();
    reader.gate = registry.promise;
    const before = reader.asked.length;
    const leaving = new AbortController();
    const call = ask.updateImages({ prepull: { numWeeklies: 1 } }, { signal: leaving.signal });
    await expect.poll(() => reader.asked.length, soon).toBe(before + 1);
    leaving.abort();
    await expect(call).rejects.toMatchObject({ code: Code.Canceled });
    registry.resolve();
    await expect.poll(() => source.info.snapshot?.imageCount, soon).toBe(2);
    expect(bugs).toEqual([]);
  });

  it("a caller's deadline ends his call", async () => {
    const { reader, source } = await onDemand();
    const { ask, bugs } = await open(source);
    reader.gate = new Promise(() => {});
    const error = await ask
      .imageForTagName({ tagName: "w_2077_40" }, { timeoutMs: 50 })
      .catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.DeadlineExceeded });
    expect(bugs).toEqual([]);
  });
});
