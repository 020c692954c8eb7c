/**
 * API servers that are to be reached through a proxy only, as the kubeconfig says: `proxy-url`.
 */
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { authority } from "../registry/certificates.ts";
import { never, open, startFake } from "./support.ts";

/** Starts it for one test, and gives its port. */
async function portOf(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => {})));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function join(socket: Socket, host: string, port: number, hello: string | Buffer, seen: string[]): void {
  seen.push(`${host}:${port}`);
  const other = connect(port, host, () => {
    socket.write(hello);
    socket.pipe(other).pipe(socket);
  });
  for (const end of [socket, other]) end.on("error", () => {});
}

/** `CONNECT host:port`. */
async function httpProxy(seen: string[]): Promise<string> {
  const server = createHttpServer();
  server.on("connect", (request, socket) => {
    const [host = "", port] = (request.url ?? "").split(":");
    join(socket as Socket, host, Number(port), "HTTP/1.1 200 OK\r\n\r\n", seen);
  });
  return `http://127.0.0.1:${await portOf(server)}`;
}

/** SOCKS 5, without a login, to names. */
async function socksProxy(seen: string[]): Promise<string> {
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write(Buffer.from([5, 0]));
      socket.once("data", (asked: Buffer) => {
        const end = 5 + (asked[4] ?? 0);
        const host = asked.subarray(5, end).toString();
        join(socket, host, asked.readUInt16BE(end), Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]), seen);
      });
    });
  });
  return `socks5://127.0.0.1:${await portOf(server)}`;
}

const ca = authority("the CA");
const tls = ca.issue("server");

it.each([
  ["CONNECT", httpProxy],
  ["SOCKS", socksProxy],
])("an API server is reached through a proxy by %s, and its certificate is checked", async (_, start) => {
  const seen: string[] = [];
  const proxy = await start(seen);
  const cluster = {
    "proxy-url": proxy,
    "certificate-authority-data": Buffer.from(ca.cert).toString("base64"),
  };
  const fake = await startFake({ tls, cluster });
  // By its name: undici makes no TLS connection to a mere address through SOCKS.
  const { port } = new URL(fake.url);
  const text = readFileSync(fake.kubeconfig, "utf8").replaceAll(fake.url, `https://localhost:${port}`);
  writeFileSync(fake.kubeconfig, text);
  const opened = (await open(fake)).watched();
  await opened.usersAreWaiting("n1", never);
  await opened.usersAreWaiting("n1", never);
  expect(new Set(seen)).toEqual(new Set([`localhost:${port}`]));
  expect(fake.opened()).toBeLessThanOrEqual(seen.length); // none came another way
});
