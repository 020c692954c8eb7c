/**
 * The connection by itself: when it is opened, kept, replaced and closed. What it is like to be called over it is
 * tested with the clients.
 */
import { once } from "node:events";
import type { ClientHttp2Stream } from "node:http2";
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Http2Connection, type Http2ConnectionOptions } from "../../src/async/http2-connection.ts";
import { freeAddress } from "../support/grpc-servers.ts";
import { endOfNothing, settings, startRawServer, uncaught } from "../support/raw-servers.ts";

/** A server that answers every request at once, but for `/wait`, which it keeps. */
async function startServer() {
  const sessions: ServerHttp2Session[] = [];
  const open = new Set<ServerHttp2Session>();
  const kept: ServerHttp2Stream[] = [];
  const server = createServer();
  server.on("session", (session) => {
    sessions.push(session);
    open.add(session);
    session.on("error", () => {});
    session.on("close", () => open.delete(session));
  });
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    if (headers[":path"] === "/wait") kept.push(stream);
    else stream.respond({ ":status": 200 }, { endStream: true });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const session of open) session.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, sessions, open, kept };
}

/** Closed with the test. */
function connectionTo(url: string, options: Http2ConnectionOptions = {}): Http2Connection {
  const connection = new Http2Connection(url, options);
  onTestFinished(() => connection.close());
  return connection;
}

async function begin(connection: Http2Connection, path = "/"): Promise<ClientHttp2Stream> {
  const stream = await connection.request("GET", path, {}, {});
  stream.end();
  stream.resume();
  return stream;
}

/** How a request ends: its status, or why there is none. */
async function ask(connection: Http2Connection, path = "/"): Promise<unknown> {
  const stream = await begin(connection, path);
  const closed = new Promise((resolve) => stream.once("close", resolve));
  const answer = new Promise((resolve) => {
    stream.once("response", (headers) => resolve(headers[":status"]));
    stream.once("error", (error) => resolve(error.message));
  });
  await closed;
  return answer;
}

describe("one session", () => {
  it("is opened when it is needed, for all who ask at the same time and later", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url);
    expect(connection.authority).toBe(server.url);
    expect(server.sessions).toHaveLength(0);
    expect(await Promise.all([ask(connection), ask(connection), ask(connection)])).toEqual([200, 200, 200]);
    expect(await ask(connection)).toBe(200);
    expect(server.sessions).toHaveLength(1);
  });

  it("is closed when nobody has asked for a while, and opened again", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url, { idleTimeoutMs: 30 });
    await ask(connection);
    await expect.poll(() => server.open.size).toBe(0);
    expect(await ask(connection)).toBe(200);
    expect(server.sessions).toHaveLength(2);
  });

  it("is kept while somebody waits for an answer", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url, { idleTimeoutMs: 30 });
    const waiting = ask(connection, "/wait");
    await expect.poll(() => server.kept.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(server.open.size).toBe(1);
    server.kept[0]?.respond({ ":status": 204 }, { endStream: true });
    expect(await waiting).toBe(204);
    await expect.poll(() => server.open.size).toBe(0);
  });

  it("has the options of the moment in which it is opened", async () => {
    const server = await startServer();
    let asked = 0;
    const sessionOptions = () => {
      asked += 1;
      return {};
    };
    const connection = connectionTo(server.url, { sessionOptions });
    expect(asked).toBe(0);
    await ask(connection);
    await ask(connection);
    expect(asked).toBe(1);
    connection.renew();
    await ask(connection);
    expect(asked).toBe(2);
  });
});

describe("a session is replaced", () => {
  it("on demand, and what is under way ends on the old one, which then is closed", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url);
    const waiting = ask(connection, "/wait");
    await expect.poll(() => server.kept.length).toBe(1);
    connection.renew();
    connection.renew();
    expect(await ask(connection)).toBe(200);
    expect(server.open.size).toBe(2);
    server.kept[0]?.respond({ ":status": 204 }, { endStream: true });
    expect(await waiting).toBe(204);
    await expect.poll(() => server.open.size).toBe(1);
    expect(await ask(connection)).toBe(200);
    expect(server.sessions).toHaveLength(2);
  });

  it("on demand, at once, where nothing is under way", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url);
    await ask(connection);
    connection.renew();
    await expect.poll(() => server.open.size).toBe(0);
  });

  it("on demand while it is being opened: who asked first is answered over it", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url);
    const first = ask(connection);
    connection.renew();
    expect(await Promise.all([first, ask(connection)])).toEqual([200, 200]);
    expect(server.sessions).toHaveLength(2);
    await expect.poll(() => server.open.size).toBe(1);
  });

  it("when the server says goodbye, and what is under way ends on the old one", async () => {
    const server = await startServer();
    const connection = connectionTo(server.url);
    const waiting = ask(connection, "/wait");
    await expect.poll(() => server.kept.length).toBe(1);
    server.sessions[0]?.goaway();
    await expect.poll(async () => [await ask(connection), server.sessions.length]).toEqual([200, 2]);
    server.kept[0]?.respond({ ":status": 204 }, { endStream: true });
    expect(await waiting).toBe(204);
  });

  it("when the server breaks it, and what was under way fails", async () => {
    const errors = uncaught();
    const server = await startServer();
    const connection = connectionTo(server.url);
    const waiting = ask(connection, "/wait");
    await expect.poll(() => server.kept.length).toBe(1);
    server.sessions[0]?.socket.resetAndDestroy();
    expect(await waiting).not.toBe(200);
    expect(await ask(connection)).toBe(200);
    expect(errors).toEqual([]);
  });
});

describe("who asks is told", () => {
  it("that nobody is there", async () => {
    const address = await freeAddress();
    const connection = connectionTo(`http://${address}`);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(begin(connection)).rejects.toThrow(
        `cannot connect to http://${address}: connect ECONNREFUSED ${address}`,
      );
    }
  });

  it("that the connection was closed before it was open", async () => {
    const silent = await startRawServer((socket) => void socket.resume());
    const connection = connectionTo(`https://${silent.address}`);
    const asking = begin(connection);
    setTimeout(() => connection.close(), 20);
    await expect(asking).rejects.toThrow(`the connection to https://${silent.address} was closed`);
  });

  it("that it did not open in time", async () => {
    const errors = uncaught();
    const silent = await startRawServer((socket) => void socket.resume());
    const connection = connectionTo(`https://${silent.address}`, { connectTimeoutMs: 20 });
    await expect(begin(connection)).rejects.toMatchObject({
      message: `cannot connect to https://${silent.address}: no connection within 20 ms`,
      cause: { code: "ETIMEDOUT" },
    });
    await silent.closed[0];
    expect(errors).toEqual([]);
  });

  it("that a stream was closed with neither an answer nor an error", async () => {
    const server = await startRawServer((socket) => {
      socket.once("data", () => setTimeout(() => socket.write(Buffer.concat([settings, endOfNothing])), 30));
    });
    const connection = connectionTo(`http://${server.address}`);
    const stream = await begin(connection);
    const [error] = await once(stream, "error");
    expect(error.message).toBe("the stream was closed without an answer");
  });
});

describe("a connection that is closed", () => {
  it("ends what is under way with an error, and gives its sessions back, old ones too", async () => {
    const errors = uncaught();
    const server = await startServer();
    const connection = connectionTo(server.url);
    const waiting = [ask(connection, "/wait")];
    await expect.poll(() => server.kept.length).toBe(1);
    connection.renew();
    waiting.push(ask(connection, "/wait"));
    await expect.poll(() => server.kept.length).toBe(2);
    connection.close();
    expect(await Promise.all(waiting)).toEqual(Array(2).fill(`the connection to ${server.url} was closed`));
    await expect.poll(() => server.open.size).toBe(0);
    await expect(begin(connection)).rejects.toThrow(`the connection to ${server.url} is closed`);
    expect(errors).toEqual([]);
  });
});
