/**
 * One request, and what becomes of it: answers, refusals, and the lack of either.
 */
import { describe, expect, it, onTestFinished } from "vitest";
import { type Clock, systemClock } from "../../src/async/clock.ts";
import { Pacing } from "../../src/async/pacing.ts";
import { KubernetesApi } from "../../src/kubernetes/api.ts";
import { refusal } from "../../src/kubernetes/api-error.ts";
import { ClusterError } from "../../src/kubernetes/cluster.ts";
import { Credentials } from "../../src/kubernetes/credentials.ts";
import { loadKubeconfig } from "../../src/kubernetes/kubeconfig.ts";
import type { FakeKubernetesOptions } from "../support/kubernetes-api.ts";
import { manualClock } from "../support/kubernetes-clock.ts";
import type { Reply } from "../support/kubernetes-faults.ts";
import { never, startFake } from "./support.ts";

async function start(options: FakeKubernetesOptions = {}, perSecond = 1_000, clock: Clock = systemClock) {
  const fake = await startFake(options);
  const load = () => loadKubeconfig(fake.kubeconfig);
  const credentials = new Credentials(await load(), load, clock);
  const api = new KubernetesApi(credentials, new Pacing(perSecond, clock));
  onTestFinished(() => api.close());
  return { fake, api };
}

const nodes = { method: "GET", path: "/api/v1/nodes", query: { limit: "5", fieldSelector: "a=b" } } as const;

const failure = async (promise: Promise<unknown>): Promise<ClusterError> => {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (error) => error,
  );
  expect(error).toBeInstanceOf(ClusterError);
  return error;
};

describe("a request that fails", () => {
  const status = (code: number, reason: string, message: string, more = {}) => ({
    ...{ status: code, reason, message },
    ...more,
  });

  it.each([
    [
      "a refusal",
      status(403, "Forbidden", "no right"),
      "403: Forbidden: no right",
      { status: 403, refused: true },
    ],
    [
      "a conflict",
      status(409, "AlreadyExists", "it is there"),
      "409: AlreadyExists: it is there",
      { refused: true },
    ],
    [
      "something that is not there",
      status(404, "NotFound", "gone"),
      "404: NotFound: gone",
      { refused: true },
    ],
    ["something invalid", status(422, "Invalid", "no name"), "422: Invalid: no name", { refused: true }],
    [
      "too many requests",
      status(429, "TooManyRequests", "later", { retryAfter: 2 }),
      "429: TooManyRequests: later",
      { refused: false, retryAfterMs: 2_000 },
    ],
    [
      "a request that took too long",
      status(408, "Timeout", "slow"),
      "408: Timeout: slow",
      { refused: false },
    ],
    [
      "a fault of the API server",
      status(500, "InternalError", "bug"),
      "500: InternalError: bug",
      { refused: false, retryAfterMs: undefined },
    ],
    [
      "a wait of a year",
      status(503, "", "later", { retryAfter: 31_536_000 }),
      "503: later",
      { retryAfterMs: 60_000 },
    ],
    [
      "a proxy's page",
      { status: 502, html: "<html>no backend</html>" },
      "502",
      { status: 502, reason: "", refused: false },
    ],
    [
      "a proxy's text",
      { status: 502, html: "no  healthy\nupstream" },
      "502: no healthy upstream",
      { status: 502 },
    ],
    ["a login page that is a success", "garbage", "", { status: 0, refused: false }],
    ["a reset", "reset", "the connection was closed", { status: 0, refused: false }],
    ["half an answer", "half", "the connection was closed", { status: 0, refused: false }],
  ] as const)("says so: %s", async (_, reply, message, parts) => {
    const { fake, api } = await start();
    fake.fail("list nodes", reply as Reply);
    const error = await failure(api.ask(nodes, never));
    expect(error.message).toContain(`GET /api/v1/nodes: ${message}`);
    expect(error).toMatchObject(parts);
  });

  it("says so: nobody is there", async () => {
    const { fake, api } = await start();
    await fake.stop();
    const error = await failure(api.ask(nodes, never));
    expect(error).toMatchObject({ status: 0, message: "GET /api/v1/nodes: the connection was refused" });
  });

  it("is given up where there is no answer in time, and the connection is not kept", async () => {
    const { fake, api } = await start();
    fake.fail("list nodes", "hang");
    const error = await failure(api.ask({ ...nodes, deadlineMs: 20 }, never));
    expect(error).toMatchObject({ status: 0, message: "GET /api/v1/nodes: no answer in time" });
    while (fake.connections() > 0) await new Promise(setImmediate);
  });

  it("is given up where a watch has no answer in time", async () => {
    const { fake, api } = await start();
    fake.fail("watch nodes", "hang");
    const watch = { method: "GET", path: "/api/v1/nodes", query: { watch: "1" } } as const;
    const error = await failure(api.open({ ...watch, deadlineMs: 20 }, never));
    expect(error.message).toBe("GET /api/v1/nodes: no answer in time");
    while (fake.connections() > 0) await new Promise(setImmediate);
  });

  it("ends with the reason of who gave it up", async () => {
    const { fake, api } = await start();
    fake.fail("list nodes", "hang");
    const gone = new AbortController();
    const asking = api.ask(nodes, gone.signal);
    await fake.arrival("list nodes", 1);
    gone.abort(new Error("no longer needed"));
    await expect(asking).rejects.toThrow("no longer needed");
  });

  it("has a message of bounded length, however much is said", () => {
    const body = JSON.stringify({ message: "x".repeat(100_000), reason: "Invalid" });
    const error = refusal({ method: "POST", path: "/x" }, { status: 422, retryAfter: "", body });
    expect(error.message).toHaveLength(1_000);
    expect(error.message).toMatch(/^POST \/x: 422: Invalid: x+…$/);
  });

  it("waits as the body says where no header does", () => {
    const body = JSON.stringify({ reason: "Timeout", details: { retryAfterSeconds: 3 } });
    const error = refusal({ method: "GET", path: "/x" }, { status: 504, retryAfter: "", body });
    expect(error.retryAfterMs).toBe(3_000);
  });
});

describe("a request", () => {
  it("says who asks, and nothing about languages of answers but JSON", async () => {
    const { fake, api } = await start();
    await api.ask(nodes, never);
    expect(fake.requests[0]?.headers).toMatchObject({
      accept: "application/json",
      "user-agent": "image-source",
    });
  });

  it("keeps its connections, also where it deletes and says what", async () => {
    const { fake, api } = await start();
    const path = "/api/v1/namespaces/default/pods/gone";
    for (let index = 0; index < 20; index += 1) {
      const deleting = api.ask(
        { method: "DELETE", path, body: { preconditions: { uid: "another" } } },
        never,
      );
      expect(await failure(deleting)).toMatchObject({ status: 404 });
    }
    // A second one may be opened before the first is known to be free again.
    expect(fake.opened()).toBeLessThanOrEqual(2);
  });

  it("is paced: no more in a second than the limit says", async () => {
    const clock = manualClock();
    const { fake, api } = await start({}, 5, clock);
    const asking = Promise.all(Array.from({ length: 6 }, () => api.ask(nodes, never)));
    await clock.pass(999);
    await fake.arrival("list nodes", 5);
    expect(fake.count("list nodes")).toBe(5);
    await clock.pass(61);
    await asking;
    expect(fake.count("list nodes")).toBe(6);
  });

  it("outlives a restart of the API server: what is broken is not used again", async () => {
    const { fake, api } = await start();
    await api.ask(nodes, never);
    await fake.stop();
    await failure(api.ask(nodes, never));
    await fake.start();
    await api.ask(nodes, never);
  });
});
