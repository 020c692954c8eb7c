/**
 * Servers for tests that are none of what a client expects: they do something with each of their connections. Ended
 * with the test, as is the watch for errors that nobody caught.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface RawServer {
  /** `127.0.0.1:port`. */
  readonly address: string;
  readonly port: number;
  /** Of each connection there was: settles when it has ended. */
  readonly closed: readonly Promise<unknown>[];
  /** Number of connections that are open. */
  connections(): number;
}

/** `count` is 1 for the first connection. */
export async function startRawServer(serve: (socket: Socket, count: number) => void): Promise<RawServer> {
  const sockets = new Set<Socket>();
  const closed: Promise<unknown>[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    closed.push(new Promise((resolve) => socket.once("close", resolve)));
    socket.once("close", () => sockets.delete(socket));
    serve(socket, closed.length);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, port, closed, connections: () => sockets.size };
}

/** Everything that nobody caught, until the test ends: outside of tests each one ends the process. */
export function uncaught(): unknown[] {
  const errors: unknown[] = [];
  const keep = (error: unknown) => void errors.push(error);
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    const others = process.listeners(event as "uncaughtException");
    process.removeAllListeners(event);
    process.on(event, keep);
    onTestFinished(() => {
      process.off(event, keep);
      for (const other of others) process.on(event as "uncaughtException", other);
    });
  }
  return errors;
}

/** Frames of HTTP/2. */
export const settings = Buffer.from("000000040000000000", "hex");
export const goAway = Buffer.from("0000080700000000000000000000000002", "hex");

/** Ends the first stream of a connection: without an answer, and without an error. */
export const endOfNothing = Buffer.from("00000403000000000100000000", "hex");

/** What answers with it is no HTTP/2, or no longer. */
export const strangers: readonly (readonly [string, (socket: Socket) => void])[] = [
  ["answers in HTTP/1.1", (socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["answers in HTTP/1.1, and waits", (socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["closes", (socket) => void socket.end()],
  ["resets", (socket) => void socket.resetAndDestroy()],
  [
    "begins well, and sends garbage",
    (socket) => void socket.write(Buffer.concat([settings, goAway.subarray(3)])),
  ],
  ["begins well, and goes away", (socket) => void socket.write(Buffer.concat([settings, goAway]))],
];
