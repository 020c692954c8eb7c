import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../src/async/clock.ts";
import { isFault } from "../../src/domain/errors.ts";
import { Hosts } from "../../src/registry/host-state.ts";
import { digestOf, failure, type Reply } from "../support/registry.ts";
import {
  configFile,
  failureOf,
  fakeClock,
  listAll,
  never,
  readerOf,
  recordedLog,
  startRegistry,
} from "./reader.ts";

const list = "/v2/lab/image/tags/list";
const repositories = { "lab/image": ["a", "b"] };

describe("an error of a registry", () => {
  it.each([
    [
      "case 83: of the specification",
      { errors: [{ code: "NAME_INVALID", message: "bad", detail: {} }] },
      ": NAME_INVALID: bad",
    ],
    ["case 83: of several kinds", { errors: [{ code: "A", message: "b" }, { code: "C" }] }, ": A: b; C"],
    ["case 83: with a message only", { message: "no way" }, ": no way"],
    ["case 83: with details only", { details: "no way" }, ": no way"],
    ["case 83: of OAuth", { error: "invalid_scope", error_description: "no such scope" }, ": no such scope"],
    [
      "case 83: that is a page of HTML",
      "<html><head><title>403 Forbidden</title></head></html>",
      ": 403 Forbidden",
    ],
    [
      "case 83: that is plain text",
      "Your Authorization\r\n Token has expired",
      ": Your Authorization Token has expired",
    ],
    ["case 83: that is nothing", "", " and no reason"],
    ["case 83: that has errors of another form", { errors: "none" }, " and no reason"],
    ["case 83: that has null for an error", { errors: [null] }, " and no reason"],
    ["case 83: that is broken", '{"errors":[{"code":"DENI', ': {"errors":[{"code":"DENI'],
    ["case 83: that is endless", "x".repeat(5000), `: ${"x".repeat(300)}…`],
    ["case 108: that is over its limit", "x".repeat(70_000), " and no reason"],
  ] as [string, string | object, string][])("%s", async (_, body, said) => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: { status: 418, body } });
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error.message).toBe(`GET ${list} at ${registry.host} was answered with 418${said}`);
  });

  it.each([
    [404, "NAME_UNKNOWN", "repository_not_found"],
    [404, "MANIFEST_UNKNOWN", "unknown_image"],
    [400, "NAME_INVALID", "repository_not_found"],
    [400, "TAG_INVALID", "unknown_image"],
    [401, "UNAUTHORIZED", "registry_denied"],
    [403, "DENIED", "registry_denied"],
    [400, "DENIED", "registry_denied"],
    [429, "TOOMANYREQUESTS", "registry_rate_limited"],
    [400, "TOOMANYREQUESTS", "registry_rate_limited"],
    [503, "UNAVAILABLE", "registry_unavailable"],
    [500, "UNKNOWN", "registry_unavailable"],
    [501, "UNSUPPORTED", "registry_unavailable"],
    [400, "UNSUPPORTED", "registry_corrupt"],
    [404, "", "repository_not_found"],
    [204, "", "registry_corrupt"],
    [304, "", "registry_corrupt"],
  ])("case 85: %s %s is %s", async (status, code, fault) => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: code === "" ? { status } : failure(status, code, "so it is") });
    const reader = readerOf(registry, { options: { credentialsFile: configFile(registry.host) } });
    const error = await failureOf(listAll(reader));
    expect(error).toMatchObject({ fault });
    expect(error.message).toContain(String(status));
  });

  it("case 110: repeats no secret, wherever the registry puts it", async () => {
    const registry = await startRegistry({ repositories, login: "basic", users: { puller: "s3cret:word" } });
    registry.rule({
      path: list,
      reply: ({ headers }) =>
        headers.authorization === undefined
          ? undefined
          : failure(403, "DENIED", `login s3cret:word, header ${headers.authorization} is bad`),
    });
    const log = recordedLog();
    const reader = readerOf(registry, { log, options: { credentialsFile: configFile(registry.host) } });
    const error = await failureOf(listAll(reader));
    expect(error.message).toContain("login [secret], header Basic [secret] is bad");
    for (const text of [JSON.stringify(error), error.message, String(error.cause), log.text()]) {
      expect(text).not.toContain("s3cret");
      expect(text).not.toContain(Buffer.from("puller:s3cret:word").toString("base64"));
    }
  });

  it("case 110: repeats no token, and no query string", async () => {
    const registry = await startRegistry({ repositories, login: "token" });
    registry.rule({
      path: list,
      reply: ({ headers }) =>
        headers.authorization === undefined
          ? undefined
          : failure(403, "DENIED", `${headers.authorization} is bad`),
    });
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error.message).toContain("Bearer [secret] is bad");
    expect(error.message).not.toContain("n=1000");
  });
});

describe("a failure that passes", () => {
  it.each([
    ["408", { status: 408 }],
    ["429", { status: 429 }],
    ["499 of nginx", { status: 499 }],
    ["500", { status: 500 }],
    ["502", { status: 502 }],
    ["503", { status: 503 }],
    ["504", { status: 504 }],
    ["522 of Cloudflare", { status: 522 }],
    ["a connection that is reset", "reset"],
    [
      "an answer that ends in the middle",
      {
        raw: (response) => {
          response.writeHead(200, { "content-length": "100" });
          response.write('{"tags":[', () => response.socket?.destroy());
        },
      },
    ],
  ] as [string, Reply][])("case 86: %s is asked again", async (_, reply) => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, times: 3, reply });
    expect((await listAll(readerOf(registry))).names).toEqual(["a", "b"]);
    expect(registry.requests).toHaveLength(4);
  });

  it.each([400, 401, 403, 404, 410, 501])("case 86: %s does not, and is not asked again", async (status) => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, reply: { status, headers: { "www-authenticate": "Negotiate" } } });
    await failureOf(listAll(readerOf(registry)));
    expect(registry.requests).toHaveLength(1);
  });

  it("case 86: a registry that is not there is unavailable", async () => {
    const registry = await startRegistry();
    await registry.close();
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toBe(
      `GET ${list} at ${registry.host} was not answered: the connection was refused`,
    );
  });

  it("case 91: is tried again three times in a call, whatever else the call takes", async () => {
    const registry = await startRegistry({ repositories, login: "token" });
    registry.rule({ path: "/token", times: 2, reply: { status: 503 } });
    registry.rule({
      path: list,
      reply: ({ headers }) => (headers.authorization === undefined ? undefined : { status: 500 }),
    });
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(registry.received("GET", "/token")).toHaveLength(3);
    // Three refusals that ask for the token, and what is left of the retries with it.
    expect(
      registry.received("GET", list).filter(({ headers }) => headers.authorization !== undefined),
    ).toHaveLength(2);
    expect(registry.requests.length).toBeLessThanOrEqual(8);
  });

  it("case 89: is waited for longer each time, by chance", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, reply: { status: 500 } });
    const clock = fakeClock();
    await failureOf(listAll(readerOf(registry, { clock })));
    expect(clock.sleeps).toEqual([250, 500, 1000]);
  });
});

describe("a registry that wants to be left alone", () => {
  const second = 1000;
  const now = fakeClock().time;
  const date = (offset: number) => new Date(now + offset).toUTCString();

  it.each([
    ["in seconds", { "retry-after": "5" }, 5],
    ["as a date", { "retry-after": date(5 * second) }, 5],
    ["as old Docker Hub did", { "x-retry-after": String((now + 5 * second) / 1000) }, 5],
    ["by when its limit ends", { "ratelimit-reset": "5" }, 5],
  ])("case 87: for a time %s is", async (_, headers, seconds) => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, times: 1, reply: { status: 429, headers } });
    const clock = fakeClock();
    await listAll(readerOf(registry, { clock }));
    // Half a second of chance: not everybody at once.
    expect(clock.sleeps).toEqual([seconds * second + 500]);
  });

  it.each([
    ["past", date(-5 * second)],
    ["no time", "soon"],
    ["nothing", ""],
    ["negative", "-5"],
    ["zero", "0"],
    ["in a form of its own", "2077-10-28"],
  ])("case 87: for a time that is %s is left alone as for none", async (_, header) => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, times: 1, reply: { status: 429, headers: { "retry-after": header } } });
    const clock = fakeClock();
    await listAll(readerOf(registry, { clock }));
    expect(clock.sleeps).toEqual([250 + 125]);
  });

  it("case 88: for longer than a call may take is not asked, and the caller is told at once", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: /manifests/, times: 1, reply: { status: 429, headers: { "retry-after": "120" } } });
    const clock = fakeClock();
    const reader = readerOf(registry, { clock });
    for (const expected of [120, 110]) {
      const error = await failureOf(reader.resolve("a", never));
      expect(error).toMatchObject({ fault: "registry_rate_limited", retryAfterMs: expected * second });
      expect(error.message).toContain(`left alone for another ${expected} s`);
      clock.time += 10 * second;
    }
    expect(clock.sleeps).toEqual([]);
    expect(registry.requests).toHaveLength(1);
    clock.time += 100 * second;
    expect(await reader.resolve("a", never)).toMatch(/^sha256:/);
  });

  it("case 87: for longer than an hour is asked again after an hour", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({
      path: /manifests/,
      times: 1,
      reply: { status: 429, headers: { "retry-after": "999999999" } },
    });
    const error = await failureOf(readerOf(registry).resolve("a", never));
    expect(error).toMatchObject({ fault: "registry_rate_limited", retryAfterMs: 3600 * second });
  });

  it("case 88: because it is down is unavailable, and nothing else", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, reply: { status: 503, headers: { "retry-after": "120" } } });
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_unavailable", retryAfterMs: 120 * second });
    expect(registry.requests).toHaveLength(1);
  });

  it("case 88: is told with its time after the last retry", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, reply: { status: 429, headers: { "retry-after": "3" } } });
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_rate_limited", retryAfterMs: 3 * second });
    expect(registry.requests).toHaveLength(4);
  });

  it("case 89: is left alone by everybody in this process", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, times: 1, reply: { status: 429, headers: { "retry-after": "600" } } });
    const shared = { clock: fakeClock(), hosts: new Hosts() };
    await failureOf(listAll(readerOf(registry, shared)));
    const other = readerOf(registry, { ...shared, options: { repository: "lab/other" } });
    expect(await failureOf(listAll(other))).toMatchObject({ fault: "registry_rate_limited" });
    expect(registry.requests).toHaveLength(1);
  });

  it("case 89: is waited for by a call that comes later, too", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: list, times: 1, reply: { status: 429, headers: { "retry-after": "5" } } });
    const woken = Promise.withResolvers<void>();
    const clock = fakeClock();
    const waits: number[] = [];
    const sleep = (milliseconds: number) => {
      waits.push(milliseconds);
      return woken.promise;
    };
    const reader = readerOf(registry, { clock: { ...clock, now: () => clock.time, sleep } });
    const listing = listAll(reader);
    await registry.arrival(list);
    await expect.poll(() => waits.length).toBe(1);
    const digest = reader.resolve("a", never);
    await expect.poll(() => waits.length).toBe(2);
    expect(registry.requests).toHaveLength(1);
    clock.time += 6 * second;
    woken.resolve();
    expect((await listing).names).toEqual(["a", "b"]);
    expect(await digest).toMatch(/^sha256:/);
    expect(waits).toEqual([5500, 5500]);
  });

  it("case 88: is told of at once, also while nobody has his turn", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: /manifests\/b$/, reply: "hang" });
    registry.rule({ path: list, reply: { status: 429, headers: { "retry-after": "600" } } });
    const shared = { clock: fakeClock(), hosts: new Hosts() };
    const reader = readerOf(registry, { ...shared, options: { maxRequests: 1 } });
    const controller = new AbortController();
    const running = failureOf(reader.resolve("b", controller.signal));
    await registry.arrival(/manifests/);
    await failureOf(listAll(readerOf(registry, shared)));
    expect(await failureOf(reader.resolve("a", never))).toMatchObject({ fault: "registry_rate_limited" });
    controller.abort();
    await running;
  });

  it("case 89: is left alone by those who wait for their turn, too", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: /manifests/, reply: { status: 429, headers: { "retry-after": "600" } } });
    const reader = readerOf(registry, { options: { maxRequests: 1 } });
    const all = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => reader.resolve(`t${index}`, never)),
    );
    expect(
      all.every((one) => one.status === "rejected" && isFault(one.reason, "registry_rate_limited")),
    ).toBe(true);
    expect(registry.requests).toHaveLength(1);
  });

  it("counts those who are refused together once", async () => {
    const registry = await startRegistry({ repositories });
    let held: (() => void)[] = [];
    registry.rule({
      path: /manifests/,
      times: 4,
      reply: () => ({
        raw: (response) => {
          held.push(() => response.writeHead(429).end());
          if (held.length < 4) return;
          for (const answer of held) answer();
          held = [];
        },
      }),
    });
    const clock = fakeClock();
    const reader = readerOf(registry, { clock });
    await Promise.all(["a", "b", "a", "b"].map((tag) => reader.resolve(tag, never)));
    expect(Math.max(...clock.sleeps)).toBeLessThanOrEqual(250 * 1.5);
  });
});

describe("a call that ends early", () => {
  const reason = new Error("not needed any more");

  it("case 90: stops its request and closes the connection", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: "hang" });
    const controller = new AbortController();
    const listing = failureOf(listAll(readerOf(registry), controller.signal));
    await registry.arrival(list);
    controller.abort(reason);
    expect(await listing).toBe(reason);
    expect(await registry.requests[0]?.ended).toBe("closed");
  });

  it("case 90: stops in the middle of a body", async () => {
    const registry = await startRegistry();
    const begun = Promise.withResolvers<void>();
    registry.rule({
      path: list,
      reply: {
        raw: (response) => {
          response.writeHead(200);
          response.write('{"tags":[', () => begun.resolve());
        },
      },
    });
    const controller = new AbortController();
    const listing = failureOf(listAll(readerOf(registry), controller.signal));
    await begun.promise;
    controller.abort(reason);
    expect(await listing).toBe(reason);
    expect(await registry.requests[0]?.ended).toBe("closed");
  });

  it("case 90: is taken out of the queue", async () => {
    const registry = await startRegistry({ repositories });
    registry.rule({ path: /manifests\/a$/, reply: "hang" });
    const reader = readerOf(registry, { options: { maxRequests: 1 } });
    const first = new AbortController();
    const queued = new AbortController();
    const running = failureOf(reader.resolve("a", first.signal));
    await registry.arrival(/manifests/);
    const waiting = failureOf(reader.resolve("b", queued.signal));
    queued.abort(reason);
    expect(await waiting).toBe(reason);
    first.abort(reason);
    expect(await running).toBe(reason);
    expect(await reader.resolve("b", never)).toMatch(/^sha256:/);
    expect(registry.received("HEAD", /b$/)).toHaveLength(1);
  });

  it("case 90: stops waiting for a host that is left alone", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: { status: 429, headers: { "retry-after": "30" } } });
    const controller = new AbortController();
    const sleeping = Promise.withResolvers<void>();
    const clock = {
      ...fakeClock(),
      sleep: (_: number, signal: AbortSignal) => {
        sleeping.resolve();
        return new Promise<void>((_, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      },
    };
    const listing = failureOf(listAll(readerOf(registry, { clock }), controller.signal));
    await sleeping.promise;
    controller.abort(reason);
    expect(await listing).toBe(reason);
    expect(registry.requests).toHaveLength(1);
  });

  const heldToken = async () => {
    const registry = await startRegistry({ repositories, login: "token" });
    const held = Promise.withResolvers<ServerResponse>();
    registry.rule({ path: "/token", times: 1, reply: { raw: (response) => held.resolve(response) } });
    const reader = readerOf(registry, { options: { maxRequests: 2 } });
    const controllers = [new AbortController(), new AbortController()] as const;
    const calls = controllers.map(({ signal }) => reader.resolve("a", signal)) as [
      Promise<string>,
      Promise<string>,
    ];
    const failures = calls.map(failureOf) as [Promise<Error>, Promise<Error>];
    for (const failure of failures) failure.catch(() => {});
    await registry.arrival(/manifests/, 2);
    return { registry, response: await held.promise, controllers, calls, failures };
  };

  it("case 90: leaves the token that others wait for as well", async () => {
    const { registry, response, controllers, calls, failures } = await heldToken();
    controllers[0].abort(reason);
    expect(await failures[0]).toBe(reason);
    registry.rule({
      path: /manifests/,
      reply: { status: 200, headers: { "docker-content-digest": digestOf("") } },
    });
    response.end('{"token":"late"}');
    expect(await calls[1]).toBe(digestOf(""));
    expect(registry.received("GET", "/token")).toHaveLength(1);
  });

  it("case 90: stops the request of a token when nobody waits for it any more", async () => {
    const { registry, controllers, failures } = await heldToken();
    for (const controller of controllers) controller.abort(reason);
    expect(await Promise.all(failures)).toEqual([reason, reason]);
    expect(await registry.received("GET", "/token")[0]?.ended).toBe("closed");
  });

  it("is not begun at all when it has ended before", async () => {
    const registry = await startRegistry({ repositories });
    const reader = readerOf(registry);
    expect(await failureOf(listAll(reader, AbortSignal.abort(reason)))).toBe(reason);
    expect(await failureOf(reader.resolve("a", AbortSignal.abort(reason)))).toBe(reason);
    expect(registry.requests).toEqual([]);
  });

  it("ends with the reader", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: "hang" });
    const reader = readerOf(registry);
    const listing = failureOf(listAll(reader));
    await registry.arrival(list);
    await reader.close();
    expect(await listing).toMatchObject({ fault: "registry_unavailable" });
    expect(registry.requests).toHaveLength(1);
  });
});

it("what is no HTTP is no registry", async () => {
  const registry = await startRegistry();
  registry.rule({
    path: list,
    reply: { raw: (response) => void response.socket?.end("220 mail.example.org ESMTP\r\n") },
  });
  const error = await failureOf(listAll(readerOf(registry)));
  expect(error).toMatchObject({ fault: "registry_corrupt" });
  expect(registry.requests).toHaveLength(4);
});

it("case 82: uses its connections again", async () => {
  const registry = await startRegistry({ repositories, login: "token" });
  const reader = readerOf(registry, { options: { maxRequests: 1 } });
  for (let count = 0; count < 5; count += 1) {
    await listAll(reader);
    await reader.resolve("a", never);
  }
  expect(registry.requests.length).toBeGreaterThanOrEqual(11);
  expect(registry.connections()).toBeLessThanOrEqual(2);
});

describe("case 109: a registry that is slow", () => {
  const limits = { retries: 0, headersMs: 200, idleMs: 200 };

  it("to answer is given up", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: "hang" });
    const error = await failureOf(listAll(readerOf(registry, { limits })));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toContain("no answer in time");
  });

  it("in the middle of its answer is given up", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: { raw: (response) => void response.writeHead(200).write("{") } });
    const error = await failureOf(listAll(readerOf(registry, { limits })));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toContain("stopped in the middle");
  });

  it("and sends a byte now and then is given up at the deadline", async () => {
    const registry = await startRegistry();
    registry.rule({
      path: list,
      reply: {
        raw: (response) => {
          response.writeHead(200);
          const timer = setInterval(() => response.write(" "), 10);
          response.on("close", () => clearInterval(timer));
        },
      },
    });
    const error = await failureOf(listAll(readerOf(registry, { limits: { pageDeadlineMs: 300 } })));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toContain("not answered within 0.3 s");
    expect(await registry.requests[0]?.ended).toBe("closed");
  });
});

it("waits by the real clock in the end", async () => {
  const registry = await startRegistry({ repositories });
  registry.rule({ path: list, times: 2, reply: { status: 500 } });
  const limits = { backOff: { firstMs: 5, maxMs: 10 } };
  const reader = readerOf(registry, { clock: systemClock, limits });
  expect((await listAll(reader)).names).toEqual(["a", "b"]);
});
