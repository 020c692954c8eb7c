/** What a reader of Artifact Registry does when a page fails: asks again, begins anew, or gives up. */
import { Code } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { failureOf, fakeClock, never, recordedLog } from "../registry/reader.ts";
import {
  type FakeArtifactRegistry,
  failure,
  imageOf,
  type ListReply,
  tokenOf,
} from "../support/artifact-registry.ts";
import { sha } from "../support/domain.ts";
import { freeAddress } from "../support/grpc-servers.ts";
import { listAll, readerOf, startRegistry } from "./reader.ts";

const names = ["w_0", "w_1", "w_2", "w_3"];

/** Two images in a page, two pages. */
async function twoPages(): Promise<FakeArtifactRegistry> {
  const registry = await startRegistry({ maxPage: 2 });
  registry.images.push(...names.map((name, index) => imageOf(sha(`${index}`), { tags: [name] })));
  return registry;
}

const tokens = ({ requests }: FakeArtifactRegistry) => requests.map(({ pageToken }) => pageToken);
const second = tokenOf(2);

describe("case 131: a page in the middle that fails", () => {
  it.each<[string, ListReply]>([
    ["UNAVAILABLE", failure(Code.Unavailable, "Authentication server unavailable")],
    ["INTERNAL", failure(Code.Internal, "Internal error encountered.")],
    ["UNKNOWN", failure(Code.Unknown)],
    ["ABORTED", failure(Code.Aborted)],
    ["CANCELLED, and not by us", failure(Code.Canceled)],
    ["DEADLINE_EXCEEDED, and ours is not", failure(Code.DeadlineExceeded)],
    ["a connection that is closed", "reset"],
    ["a 500 that is no gRPC", { httpStatus: 500 }],
    ["a 502 that is no gRPC", { httpStatus: 502 }],
    ["a 503 that is no gRPC", { httpStatus: 503 }],
  ])("is asked for again with the same token: %s", async (_, reply) => {
    const registry = await twoPages();
    registry.reply("answer", reply, "answer");
    const clock = fakeClock();
    const log = recordedLog();
    expect((await listAll(readerOf(registry, { clock, log }))).names).toEqual(names);
    expect(log.text()).toMatch(/^debug Artifact Registry is asked again .*repositories\/r: .*"retry":1}$/);
    const first = typeof reply === "object" && "httpStatus" in reply ? [] : [second];
    expect(tokens(registry)).toEqual(["", ...first, second]);
    expect(clock.sleeps).toEqual([250]);
  });

  it("is asked for again five times, with longer and longer waits", async () => {
    const registry = await twoPages();
    registry.reply("answer", ...Array<ListReply>(5).fill(failure(Code.Unavailable)));
    const clock = fakeClock();
    expect((await listAll(readerOf(registry, { clock }))).names).toEqual(names);
    expect(clock.sleeps).toEqual([250, 500, 1_000, 2_000, 4_000]);
  });

  it("six times ends the listing", async () => {
    const registry = await twoPages();
    registry.reply("answer", ...Array<ListReply>(6).fill(failure(Code.Unavailable, "try later")));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toContain("repositories/r: Unavailable: try later");
    expect(registry.requests).toHaveLength(7);
  });

  it("has as many attempts as any other: they are counted for each page", async () => {
    const registry = await twoPages();
    const five = Array<ListReply>(5).fill(failure(Code.Unavailable));
    registry.reply(...five, "answer", ...five, "answer");
    expect((await listAll(readerOf(registry))).names).toEqual(names);
  });

  it("is not asked for again when the time for it is over", async () => {
    const registry = await twoPages();
    const clock = fakeClock();
    const slow = () => {
      clock.time += 25_000;
      return failure(Code.Unavailable);
    };
    registry.reply("answer", slow, slow, slow);
    const error = await failureOf(listAll(readerOf(registry, { clock })));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(registry.requests).toHaveLength(4);
  });
});

describe("case 131: a page token that is refused", () => {
  const refused = failure(Code.InvalidArgument, "Invalid page token");

  it("makes the listing begin anew", async () => {
    const registry = await twoPages();
    registry.reply("answer", refused);
    const log = recordedLog();
    expect((await listAll(readerOf(registry, { log }))).names).toEqual(names);
    expect(tokens(registry)).toEqual(["", second, "", second]);
    expect(log.text()).toMatch(/^debug a page token was refused: the listing begins anew .*"restart":1}$/);
  });

  it("leaves nothing of what was read before", async () => {
    const registry = await twoPages();
    registry.reply("answer", () => {
      registry.images.shift();
      return refused;
    });
    expect((await listAll(readerOf(registry))).names).toEqual(names.slice(1));
  });

  it("is refused for good the third time", async () => {
    const registry = await twoPages();
    registry.reply("answer", refused, "answer", refused, "answer", refused);
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_corrupt" });
    expect(error.message).toContain("Invalid page token");
    expect(tokens(registry)).toEqual(["", second, "", second, "", second]);
  });
});

describe("case 135: a quota that is used up", () => {
  const used = failure(Code.ResourceExhausted, "Quota exceeded for quota metric 'Requests'");

  it("is waited for", async () => {
    const registry = await twoPages();
    registry.reply(used, used);
    const clock = fakeClock();
    expect((await listAll(readerOf(registry, { clock }))).names).toEqual(names);
    expect(clock.sleeps).toEqual([250, 500]);
  });

  it("and stays so is told with the time when to come back", async () => {
    const registry = await twoPages();
    registry.reply(...Array<ListReply>(6).fill(used));
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_rate_limited", retryAfterMs: 60_000 });
  });

  it("is waited for when a load balancer says so", async () => {
    const registry = await twoPages();
    registry.reply({ httpStatus: 429 });
    expect((await listAll(readerOf(registry))).names).toEqual(names);
  });
});

describe("an API that is not there", () => {
  it("is unavailable, after all attempts", async () => {
    const clock = fakeClock();
    const reader = readerOf({ endpoint: `http://${await freeAddress()}` }, { clock });
    const error = await failureOf(listAll(reader));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(clock.sleeps).toHaveLength(5);
  });
});

describe("a listing that is cancelled", () => {
  const reason = new Error("no longer wanted");

  it("before it begins asks nothing", async () => {
    const registry = await twoPages();
    await expect(listAll(readerOf(registry), AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(registry.requests).toEqual([]);
  });

  it("in the middle of a page ends that call, and asks no more", async () => {
    const registry = await twoPages();
    const controller = new AbortController();
    registry.reply("answer", "hang");
    const listing = failureOf(listAll(readerOf(registry), controller.signal));
    await registry.arrival(2);
    const { signal = never } = registry.requests[1] ?? {};
    const ended = new Promise((resolve) => signal.addEventListener("abort", resolve));
    controller.abort(reason);
    expect(await listing).toBe(reason);
    await ended;
    expect(registry.requests).toHaveLength(2);
  });

  it("in the last attempt fails with its reason, not with what failed before", async () => {
    const registry = await twoPages();
    const controller = new AbortController();
    registry.reply(...Array<ListReply>(5).fill(failure(Code.Unavailable)), "hang");
    const listing = failureOf(listAll(readerOf(registry), controller.signal));
    await registry.arrival(6);
    controller.abort(reason);
    expect(await listing).toBe(reason);
  });

  it("while it waits asks no more", async () => {
    const registry = await twoPages();
    const controller = new AbortController();
    const clock = {
      ...fakeClock(),
      sleep: async (_: number, signal: AbortSignal) => {
        controller.abort(reason);
        signal.throwIfAborted();
      },
    };
    registry.reply(failure(Code.Unavailable));
    await expect(listAll(readerOf(registry, { clock }), controller.signal)).rejects.toBe(reason);
    expect(registry.requests).toHaveLength(1);
  });
});

describe("a reader that is closed", () => {
  it("gives its connection back", async () => {
    const registry = await twoPages();
    const reader = readerOf(registry);
    await listAll(reader);
    expect(registry.connections()).toBe(1);
    await reader.close();
    await expect.poll(() => registry.connections(), { timeout: 10_000 }).toBe(0);
  });
});
