/** What becomes of a listing, and of the process, when the other end of the connection is no Artifact Registry. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { failureOf, fakeClock } from "../registry/reader.ts";
import { imageOf } from "../support/artifact-registry.ts";
import { sha } from "../support/domain.ts";
import { listAll, readerOf, startRegistry } from "./reader.ts";

/** A server that does this with each of its connections. */
async function startServer(serve: (socket: Socket, count: number) => void) {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    count += 1;
    serve(socket, count);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const address = server.address();
  return { endpoint: `http://127.0.0.1:${typeof address === "object" && address?.port}` };
}

/** Everything that nobody caught, until the test ends: outside of tests each one ends the process. */
function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const others = process.listeners("uncaughtException");
  const keep = (error: unknown) => void errors.push(error);
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", keep);
  onTestFinished(() => {
    process.off("uncaughtException", keep);
    for (const other of others) process.on("uncaughtException", other);
  });
  return errors;
}

const settings = Buffer.from("000000040000000000", "hex");
const goAway = Buffer.from("0000080700000000000000000000000002", "hex");

describe("a connection to something else", () => {
  it.each<[string, (socket: Socket) => void]>([
    ["that answers in HTTP/1.1", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["that answers in HTTP/1.1, and waits", (socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["that closes", (socket) => socket.end()],
    ["that is reset", (socket) => socket.resetAndDestroy()],
    [
      "that begins well, and sends garbage",
      (socket) => socket.write(Buffer.concat([settings, goAway.subarray(3)])),
    ],
    ["that begins well, and goes away", (socket) => socket.write(Buffer.concat([settings, goAway]))],
  ])("fails the listing and nothing else: %s", async (_, answer) => {
    const errors = uncaught();
    const closed: Promise<unknown>[] = [];
    const server = await startServer((socket) => {
      closed.push(once(socket, "close"));
      socket.once("data", () => answer(socket));
    });
    const reader = readerOf(server);
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_unavailable" });
    await reader.close();
    await Promise.all(closed);
    expect(closed).toHaveLength(6);
    expect(errors).toEqual([]);
  });
});

describe("a connection that has gone silent", () => {
  it("is not used again after a page was not answered in time", async () => {
    const registry = await startRegistry();
    registry.images.push(imageOf(sha("a"), { tags: ["w_1"] }));
    const clock = fakeClock();
    const minute = 60_000;
    const server = await startServer((socket, count) => {
      if (count > 1)
        socket
          .pipe(connect(registry.port, "127.0.0.1"))
          .on("error", () => {})
          .pipe(socket);
      else socket.resume();
    });
    const now = [clock.time, clock.time + minute - 10];
    const reader = readerOf(server, { clock: { ...clock, now: () => now.shift() ?? clock.time + minute } });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_unavailable" });
    expect((await listAll(reader)).names).toEqual(["w_1"]);
  });
});
