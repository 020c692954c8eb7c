/** What becomes of a listing, and of the process, when the other end of the connection is no Artifact Registry. */
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { failureOf, fakeClock } from "../registry/reader.ts";
import { imageOf } from "../support/artifact-registry.ts";
import { sha } from "../support/domain.ts";
import { startRawServer, strangers, uncaught } from "../support/raw-servers.ts";
import { listAll, readerOf, startRegistry } from "./reader.ts";

describe("a connection to something else", () => {
  it.each(strangers)("fails the listing and nothing else: it %s", async (_, answer) => {
    const errors = uncaught();
    const server = await startRawServer((socket) => {
      socket.once("data", () => answer(socket));
    });
    const reader = readerOf({ endpoint: `http://${server.address}` });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_unavailable" });
    await reader.close();
    await Promise.all(server.closed);
    expect(server.closed).toHaveLength(6);
    expect(errors).toEqual([]);
  });
});

describe("a connection that has gone silent", () => {
  it("is not used again after a page was not answered in time", async () => {
    const registry = await startRegistry();
    registry.images.push(imageOf(sha("a"), { tags: ["w_1"] }));
    const clock = fakeClock();
    const minute = 60_000;
    const { address } = await startRawServer((socket, count) => {
      if (count > 1)
        socket
          .pipe(connect(registry.port, "127.0.0.1"))
          .on("error", () => {})
          .pipe(socket);
      else socket.resume();
    });
    const now = [clock.time, clock.time + minute - 10];
    const reader = readerOf(
      { endpoint: `http://${address}` },
      { clock: { ...clock, now: () => now.shift() ?? clock.time + minute } },
    );
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_unavailable" });
    expect((await listAll(reader)).names).toEqual(["w_1"]);
  });
});
