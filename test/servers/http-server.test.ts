/**
 * The HTTP port: what is answered to whom, what is refused, and how it ends. What the RPCs say is in the shared suite.
 */
import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { gzipSync } from "node:zlib";
import { Code, ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { createConnectTransport, createGrpcWebTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { Health as HealthService } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { imageSourceService } from "../../src/rpc/image-source-service.ts";
import { connectHandler } from "../../src/servers/connect-adapter.ts";
import { Health } from "../../src/servers/health.ts";
import { startHttpServer } from "../../src/servers/http-server.ts";
import type { Observer } from "../../src/servers/observer.ts";
import { opsHandler } from "../../src/servers/ops-server.ts";
import { Catalog } from "../../src/sources/catalog.ts";
import { labSource } from "../rpc/fixture.ts";
import { rules } from "../support/grpc-servers.ts";
import { closingAgent, serveHttp } from "../support/http-servers.ts";

const path = `/${ImageSourceService.typeName}`;

async function labService(): Promise<ServiceImpl<typeof ImageSourceService>> {
  const source = await labSource();
  onTestFinished(() => source.stop());
  return imageSourceService(new Catalog([source]), () => {});
}

async function serve(
  options: Parameters<typeof serveHttp>[1] = {},
  own: Parameters<typeof serveHttp>[2] = {},
  parts: Partial<ServiceImpl<typeof ImageSourceService>> = {},
) {
  const [service, health] = [await labService(), new Health([ImageSourceService.typeName])];
  const address = await serveHttp(
    (add) => {
      add(ImageSourceService, { ...service, ...parts });
      add(HealthService, health.service());
    },
    options,
    own,
  );
  return { address, base: `http://${address}`, health };
}

type Body = NonNullable<RequestInit["body"]>;

async function post(url: string, body: Body, headers: Record<string, string> = {}) {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  const response = await fetch(url, { ...init, duplex: "half" } as RequestInit);
  return { status: response.status, json: await response.json(), headers: response.headers };
}

/** A client over connections that end with the test. */
function clientOf(base: string, transportOf: typeof createConnectTransport = createConnectTransport) {
  const nodeOptions = { agent: closingAgent() };
  return transportOf({ baseUrl: base, httpVersion: "1.1", nodeOptions, defaultTimeoutMs: 8_000 });
}

describe("it answers", () => {
  it("JSON by POST, as curl sends it", async () => {
    const { base } = await serve();
    const { status, json } = await post(`${base}${path}/ImageForTagName`, '{"tag_name": "w_2077_42"}');
    expect([status, json]).toMatchObject([200, { image: { tag: "w_2077_42" } }]);
  });

  it("JSON by GET for what has no side effects, and for nothing else", async () => {
    const { base } = await serve();
    const question = "?connect=v1&encoding=json&message=%7B%7D";
    const menu = await fetch(`${base}${path}/MenuImages${question}`);
    expect([menu.status, await menu.json()]).toMatchObject([200, { snapshot: { source: "lab" } }]);
    const update = await fetch(`${base}${path}/UpdateImages${question}`);
    expect(update.status).toBe(405);
  });

  it("failures with their details", async () => {
    const { base } = await serve();
    const { status, json } = await post(`${base}${path}/ImageForTagName`, '{"tagName": "nothing"}');
    expect([status, json]).toMatchObject([404, { code: "not_found" }]);
    expect((json as { details: unknown[] }).details[0]).toMatchObject({
      type: "google.rpc.ErrorInfo",
      debug: { reason: "UNKNOWN_IMAGE" },
    });
  });

  it("the pages for operators, beside the health service", async () => {
    const { base, health } = await serve({
      ops: opsHandler({ isReady: () => "all", metrics: async () => "m" }),
    });
    for (const [page, status] of Object.entries({ healthz: 200, readyz: 503, metrics: 200, other: 404 }))
      expect((await fetch(`${base}/${page}`)).status).toBe(status);
    health.set(true);
    const { json } = await post(`${base}/${HealthService.typeName}/Check`, "{}");
    expect(json).toEqual({ status: "SERVING" });
  });
});

describe("requests that are too large", () => {
  const limit = 64 * 1024;
  const json = (length: number) => `{"source":"${"a".repeat(length - 13)}"}`;
  const tooLarge = { code: "resource_exhausted", details: [{ debug: { reason: "REQUEST_TOO_LARGE" } }] };

  const chunked = (text: string) =>
    new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(text));
        controller.close();
      },
    });

  it.each<[string, Body, Record<string, string>]>([
    ["by their length", json(limit + 100), {}],
    ["much", json(20 * limit), {}],
    ["without a length", chunked(json(3 * limit)), {}],
    ["once unpacked", gzipSync(json(limit + 100)), { "content-encoding": "gzip" }],
    ["a thousandfold once unpacked", gzipSync(json(1000 * limit)), { "content-encoding": "gzip" }],
  ])("%s are refused, and the next is answered", async (_, body, headers) => {
    const { base } = await serve();
    const refused = await post(`${base}${path}/MenuImages`, body, headers);
    expect([refused.status, refused.json]).toMatchObject([429, tooLarge]);
    expect((await post(`${base}${path}/MenuImages`, "{}")).status).toBe(200);
  });

  it.each([
    ["Connect", createConnectTransport],
    ["gRPC-Web", createGrpcWebTransport],
  ])("are refused by %s, each method by its own limit", async (_, transportOf) => {
    const { base } = await serve();
    const ask = createClient(
      ImageSourceService,
      clientOf(base, transportOf as typeof createConnectTransport),
    );
    const nodes = Array.from({ length: 5_000 }, (__, index) => `node-${index}.example.org`);
    expect((await ask.prepulledImages({ nodes, countsOnly: true })).images).not.toEqual([]);
    const error = await ask.menuImages({ source: "a".repeat(limit + 1) }).catch(ConnectError.from);
    expect(error).toMatchObject({ code: Code.ResourceExhausted });
    expect((error as ConnectError).findDetails(ErrorInfoSchema)).toMatchObject([
      { reason: "REQUEST_TOO_LARGE" },
    ]);
    expect((await ask.menuImages({})).snapshot?.source).toBe("lab");
  });
});

it.each([
  ["no JSON", "{", {}, 400],
  ["bytes", new Uint8Array([255, 254]), { "content-type": "application/proto" }, 500],
  ["another kind of content", "a=b", { "content-type": "text/plain" }, 415],
  ["gRPC, which needs HTTP/2", "", { "content-type": "application/grpc" }, 415],
])("a request that is %s is refused, and the next answered", async (_, body, headers, status) => {
  const { base } = await serve();
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
  expect((await fetch(`${base}${path}/MenuImages`, init)).status).toBe(status);
  expect((await post(`${base}${path}/MenuImages`, "{}")).status).toBe(200);
});

it.each([
  ["too large", `${path}/MenuImages`, "application/json", 429],
  ["of another kind", `${path}/MenuImages`, "text/plain", 415],
  ["for a page that is only read", "/healthz", "text/plain", 405],
  ["for no page", "/other", "text/plain", 404],
])("a request that is %s leaves its connection to the next one", async (_, url, type, status) => {
  const { address } = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const sockets = new Set<unknown>();
  const ask = async (to: string, contentType: string, body: string) => {
    const call = request(`http://${address}${to}`, {
      ...{ method: "POST", headers: { "content-type": contentType }, agent },
    });
    call.on("socket", (socket) => sockets.add(socket));
    call.end(body);
    const [response] = (await once(call, "response")) as [IncomingMessage];
    await once(response.resume(), "end");
    return response.statusCode;
  };
  for (let time = 0; time < 2; time += 1) {
    expect(await ask(url, type, " ".repeat(2_000_000))).toBe(status);
    expect(await ask(`${path}/MenuImages`, "application/json", "{}")).toBe(200);
  }
  expect(sockets.size).toBe(1);
});

describe("web pages", () => {
  const origin = "https://hub.example.org";
  const preflight = async (base: string, from: string) => {
    const headers = { origin: from, "access-control-request-method": "POST" };
    return (await fetch(`${base}${path}/MenuImages`, { method: "OPTIONS", headers })).headers;
  };

  it("of an origin that is named may call", async () => {
    const { base } = await serve({ allowedOrigins: ["https://other.example.org", origin] });
    const asked = await preflight(base, origin);
    expect(asked.get("access-control-allow-origin")).toBe(origin);
    expect(asked.get("access-control-allow-methods")).toBe("POST, GET");
    expect(asked.get("access-control-allow-headers")).toMatch(
      /Content-Type.*Connect-Timeout-Ms.*Authorization/,
    );
    expect(asked.get("vary")).toBe("Origin");
    const { status, headers } = await post(`${base}${path}/MenuImages`, "{}", { origin });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([200, origin]);
    expect(headers.get("access-control-expose-headers")).toContain("Grpc-Status");
  });

  it.each([
    ["where others are named", [origin]],
    ["where none is", []],
  ])("of another origin may not, %s", async (_, allowedOrigins) => {
    const { base } = await serve({ allowedOrigins });
    for (const headers of [
      await preflight(base, "https://evil.example.org"),
      await preflight(base, "null"),
      (await post(`${base}${path}/MenuImages`, "{}", { origin: "https://evil.example.org" })).headers,
    ])
      expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
  });
});

describe("who observes", () => {
  function observed() {
    const calls: unknown[] = [];
    const observe: Observer = (method, call) => (outcome, message) =>
      calls.push([method.name, call.get("x-request-id")[0]?.toString(), outcome, typeof message]);
    return { calls, observe };
  }

  it.each<[string, Body, Record<string, string>, Code | undefined, "string" | "undefined"]>([
    ["went well", "{}", { "x-request-id": "r1" }, undefined, "undefined"],
    ["failed", '{"source": "none"}', { "x-request-id": "r1" }, Code.NotFound, "string"],
    ["was no message", "{", { "x-request-id": "r1" }, Code.InvalidArgument, "undefined"],
    ["was too large", "a".repeat(70_000), { "x-request-id": "r1" }, Code.ResourceExhausted, "undefined"],
  ])("is told how a call ended that %s", async (_, body, headers, code, told) => {
    const { calls, observe } = observed();
    const { base } = await serve({}, { observe });
    await post(`${base}${path}/MenuImages`, body, headers);
    await expect.poll(() => calls).toEqual([["MenuImages", "r1", code, told]]);
  });

  it("is told of callers who leave", async () => {
    const { calls, observe } = observed();
    const asked = Promise.withResolvers<void>();
    const updateImages = () => {
      asked.resolve();
      return new Promise<never>(() => {});
    };
    const { base } = await serve({}, { observe }, { updateImages });
    const leaving = new AbortController();
    const call = fetch(`${base}${path}/UpdateImages`, {
      ...{
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
        signal: leaving.signal,
      },
    });
    await asked.promise;
    leaving.abort();
    await expect(call).rejects.toThrow();
    await expect.poll(() => calls).toEqual([["UpdateImages", undefined, Code.Canceled, "undefined"]]);
  });
});

describe("it ends", () => {
  it("after calls that are under way, and takes no others", async () => {
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const service = await labService();
    const { menuImages } = service;
    service.menuImages = async (...args) => {
      asked.resolve();
      await answer.promise;
      return await menuImages(...args);
    };
    const server = await startHttpServer({
      ...{ address: "127.0.0.1:0", allowedOrigins: [], failed: () => {} },
      ops: opsHandler({ isReady: () => "", metrics: async () => "" }),
      rpc: connectHandler(
        (add) => add(ImageSourceService, service),
        rules,
        () => {},
      ),
    });
    const call = request(`http://${server.address}${path}/MenuImages`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, agent: closingAgent() },
    });
    const answered = once(call, "response");
    call.end("{}");
    await asked.promise;
    const drained = server.drain(60_000);
    await expect(fetch(`http://${server.address}/healthz`)).rejects.toThrow();
    answer.resolve();
    const [response] = (await answered) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await drained;
  });

  it("streams well", async () => {
    const closing = new AbortController();
    const { base, health } = await serve({}, { closing: closing.signal });
    const statuses: number[] = [];
    const watching = (async () => {
      const client = createClient(HealthService, clientOf(base));
      for await (const { status } of client.watch({})) statuses.push(status);
    })();
    await expect.poll(() => statuses).toEqual([2]);
    health.set(true);
    await expect.poll(() => statuses).toEqual([2, 1]);
    closing.abort();
    await watching;
  });
});
