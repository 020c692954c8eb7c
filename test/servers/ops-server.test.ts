/**
 * The port for probes and metrics: what it answers, what it does with callers who are no probes, and how it ends.
 */
import { once } from "node:events";
import { createServer, get } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { type OpsHandlerOptions, opsHandler, startOpsServer } from "../../src/servers/ops-server.ts";

const log = { info: () => {}, error: () => {} };

const plain: OpsHandlerOptions = { isReady: () => "", metrics: async () => "up 1\n" };

/** Ends with the test. */
async function start(options: Partial<OpsHandlerOptions> = {}, address = "127.0.0.1:0") {
  const server = await startOpsServer(address, opsHandler({ ...plain, ...options }), log);
  onTestFinished(() => server.close());
  return server;
}

async function ask({ address }: { readonly address: string }, path: string, method = "GET") {
  const response = await fetch(`http://${address}${path}`, { method });
  const { status, headers } = response;
  return { status, text: await response.text(), headers };
}

describe("it answers", () => {
  it.each([
    ["/healthz, whatever else is missing", "/healthz", { isReady: () => "everything" }, 200, "ok\n"],
    ["/readyz, when all is there", "/readyz", {}, 200, "ok\n"],
    ["/readyz, with what is missing", "/readyz", { isReady: () => "the lease" }, 503, "the lease\n"],
    ["/metrics", "/metrics", {}, 200, "up 1\n"],
    ["a path with a question", "/readyz?verbose=1", {}, 200, "ok\n"],
    ["a text in UTF-8", "/readyz", { isReady: () => "nœud" }, 503, "nœud\n"],
    ["another path: there is none", "/", {}, 404, "there is no such page\n"],
    ["a path below: there is none", "/healthz/live", {}, 404, "there is no such page\n"],
    ["a path in capitals: there is none", "/Healthz", {}, 404, "there is no such page\n"],
    ["a name of every object: there is none", "/constructor", {}, 404, "there is no such page\n"],
  ])("%s", async (_, path, options, status, text) => {
    const server = await start(options);
    expect(await ask(server, path)).toMatchObject({ status, text });
    const head = await ask(server, path, "HEAD");
    expect(head).toMatchObject({ status, text: "" });
    expect(head.headers.get("content-length")).toBe(`${Buffer.byteLength(text)}`);
  });

  it("as it is at the moment", async () => {
    let missing = "all";
    const server = await start({ isReady: () => missing });
    expect((await ask(server, "/readyz")).status).toBe(503);
    missing = "";
    const { status, headers } = await ask(server, "/readyz");
    expect(status).toBe(200);
    expect(headers.get("cache-control")).toBe("no-store");
  });

  it("metrics as Prometheus wants them", async () => {
    const { headers } = await ask(await start(), "/metrics");
    expect(headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  });

  it.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s with what is answered here", async (method) => {
    const server = await start();
    const { status, headers } = await ask(server, "/metrics", method);
    expect([status, headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await ask(server, "/other", method)).status).toBe(404);
  });

  it.each([
    ["metrics that cannot be read", "/metrics", { metrics: () => Promise.reject(new Error("s3cret")) }],
    [
      "a question that is a bug",
      "/readyz",
      {
        isReady: () => {
          throw new Error("s3cret");
        },
      },
    ],
  ])("%s with 500, without its text, and goes on", async (_, path, options) => {
    const bugs: unknown[] = [];
    const server = await start({ ...options, onBug: (error) => bugs.push(error) });
    expect(await ask(server, path)).toMatchObject({ status: 500, text: "internal error\n" });
    expect(bugs).toEqual([expect.objectContaining({ message: "s3cret" })]);
    expect((await ask(server, "/healthz")).status).toBe(200);
  });
});

it("its handler leaves other paths to whoever has them", async () => {
  const handler = opsHandler(plain);
  const server = createServer((request, response) => {
    if (!handler(request, response)) response.end("something else");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  expect((await ask({ address }, "/healthz")).text).toBe("ok\n");
  expect((await ask({ address }, "/imagesource.v1.ImageSourceService/MenuImages", "POST")).text).toBe(
    "something else",
  );
});

/** A connection, and everything that came over it. */
async function open({ address }: { readonly address: string }) {
  const socket: Socket = connect(Number(address.split(":").at(-1)), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    received += chunk.toString();
  });
  const closed = once(socket, "close");
  await once(socket, "connect");
  return { socket, closed, received: () => received };
}

describe("callers who are no probes", () => {
  it.each([
    ["send garbage", "\0\x01garbage\r\n\r\n", /^HTTP\/1\.1 400 /],
    ["send headers without an end", `GET / HTTP/1.1\r\nx: ${"a".repeat(20_000)}\r\n`, /^HTTP\/1\.1 431 /],
    ["speak HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^HTTP\/1\.1 (400|505) |^$/],
  ])("are sent away when they %s", async (_, text, expected) => {
    const server = await start();
    const connection = await open(server);
    connection.socket.write(text);
    await connection.closed;
    expect(connection.received()).toMatch(expected);
    expect((await ask(server, "/healthz")).status).toBe(200);
  });

  it("who break off are no trouble", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    const metrics = () => {
      asked.resolve();
      return answer.promise;
    };
    const server = await start({ metrics });
    const connection = await open(server);
    connection.socket.write("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
    await asked.promise;
    connection.socket.resetAndDestroy();
    await connection.closed;
    answer.resolve("x".repeat(1_000_000));
    expect((await ask(server, "/healthz")).status).toBe(200);
  });
});

describe("its address", () => {
  it.each([
    ["IPv4", "127.0.0.1:0", /^127\.0\.0\.1:\d+$/],
    ["IPv6", "[::1]:0", /^\[::1\]:\d+$/],
    ["a name", "localhost:0", /^localhost:\d+$/],
  ])("may be %s", async (_, address, bound) => {
    const server = await start({}, address);
    expect(server.address).toMatch(bound);
    expect((await ask(server, "/healthz")).status).toBe(200);
  });

  it("that is taken is named in the failure", async () => {
    const taken = createTcpServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
    await expect(start({}, address)).rejects.toThrow(`cannot listen on ${address}: `);
  });
});

describe("it ends", () => {
  it("at once where nothing is under way, and takes nobody any more", async () => {
    const server = await startOpsServer("127.0.0.1:0", opsHandler(plain), log);
    const idle = await open(server);
    idle.socket.write("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n");
    await expect.poll(() => idle.received()).toContain("ok\n");
    await Promise.all([server.close(), idle.closed]);
    await expect(ask(server, "/healthz")).rejects.toThrow();
  });

  it("soon where somebody has begun to ask, or does not take the answer", async () => {
    const server = await startOpsServer(
      "127.0.0.1:0",
      opsHandler({ ...plain, metrics: () => new Promise(() => {}) }),
      log,
    );
    const [half, waiting] = [await open(server), await open(server)];
    half.socket.write("GET /hea");
    waiting.socket.write("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([server.close(), half.closed, waiting.closed]);
  });

  it("after an answer that is under way", async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<string>();
    const metrics = () => {
      asked.resolve();
      return answer.promise;
    };
    const server = await startOpsServer("127.0.0.1:0", opsHandler({ ...plain, metrics }), log);
    const status = new Promise((resolve, reject) => {
      get(`http://${server.address}/metrics`, (response) => resolve(response.statusCode)).on("error", reject);
    });
    await asked.promise;
    const closed = server.close();
    answer.resolve("up 1\n");
    expect(await status).toBe(200);
    await closed;
  });
});
