/**
 * The client and a service over a socket: answers, failures, deadlines, and a service that goes and comes back.
 */
import { connect, type Socket } from "node:net";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultDeadlines } from "../../src/client/deadlines.ts";
import { reasonOf } from "../../src/client/failures.ts";
import { DomainError } from "../../src/domain/errors.ts";
import { toConnectError } from "../../src/rpc/errors.ts";
import { failureOf } from "../support/grpc-failure.ts";
import { freeAddress } from "../support/grpc-servers.ts";
import { startRawServer, strangers, uncaught } from "../support/raw-servers.ts";
import { onDeno } from "../support/runtime.ts";
import { clientOf, type RunningService, startService } from "./service.ts";

const sources = [{ name: "lab" }];
const long = () => 60_000;

/** What a call fails with, as it is. */
async function errorOf(call: Promise<unknown>): Promise<ConnectError> {
  return await call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (error: ConnectError) => error,
  );
}

/** What stands before a service, and may take connections for itself. */
function startProxy(
  { address }: RunningService,
  takes: (socket: Socket, count: number) => boolean = () => false,
) {
  const port = Number(address.split(":")[1]);
  return startRawServer((socket, count) => {
    if (!takes(socket, count)) socket.pipe(connect(port, "127.0.0.1").on("error", () => {})).pipe(socket);
  });
}

describe("a call", () => {
  it("is answered", async () => {
    const service = await startService({ listSources: () => ({ sources }) });
    const { rpc } = clientOf({ url: `http://${service.address}` });
    expect((await rpc.listSources({})).sources).toMatchObject(sources);
  });

  it("that the service refuses says why", async () => {
    const fault = new DomainError("unknown_source", "there is no source x");
    const service = await startService({
      menuImages: () => {
        throw toConnectError(fault, () => {});
      },
    });
    const error = await errorOf(clientOf({ url: `http://${service.address}` }).rpc.menuImages({}));
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: Code.NotFound, rawMessage: "there is no source x" });
    expect(reasonOf(error)).toBe("UNKNOWN_SOURCE");
  });

  it("that the service refuses for the moment is not repeated", async () => {
    let calls = 0;
    const service = await startService({
      menuImages: () => {
        calls += 1;
        throw toConnectError(new DomainError("not_ready", "no listing yet"), () => {});
      },
    });
    const error = await errorOf(clientOf({ url: `http://${service.address}` }).rpc.menuImages({}));
    expect([reasonOf(error), error.code, calls]).toEqual(["NOT_READY", Code.Unavailable, 1]);
  });

  it("with an answer for 20,000 nodes is answered", { timeout: 20_000 }, async () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => `${"n".repeat(50)}-${i}.example.org`);
    const images = Array.from({ length: 10 }, (_, i) => ({ tag: `w_${i}`, nodes }));
    const service = await startService({ updateImages: () => ({ images }) });
    const answer = await clientOf({ url: `http://${service.address}` }).rpc.updateImages({});
    expect(answer.images.map((image) => image.nodes.length)).toEqual(Array(10).fill(20_000));
  });

  it("of 50 MB reaches the service, and others beside it do, too", { timeout: 20_000 }, async () => {
    const service = await startService({
      updateImages: ({ nodeCache }) => ({ warnings: [`${nodeCache?.nodes.length}`] }),
    });
    const { rpc } = clientOf({ url: `http://${service.address}` });
    const images = [{ names: ["n".repeat(2_500)] }];
    const nodes = Array.from({ length: 20_000 }, (_, i) => ({ name: `n${i}`, images }));
    const update = rpc.updateImages({ nodeCache: { nodes } });
    const marks = Promise.all(Array.from({ length: 50 }, () => rpc.markPrepulled({})));
    expect((await update).warnings).toEqual(["20000"]);
    expect(await marks).toHaveLength(50);
  });
});

describe("deadlines", () => {
  it("are minutes for an update, which lists a registry, and seconds for the rest", () => {
    expect(defaultDeadlines({ name: "UpdateImages" })).toBeGreaterThan(4 * 60_000);
    expect(defaultDeadlines({ name: "MarkPrepulled" })).toBe(10_000);
  });

  it("end a call that is not answered, and the next one goes over another connection", async () => {
    const silent = await startRawServer((socket) => void socket.resume());
    const { rpc } = clientOf({ url: `http://${silent.address}` }, { deadlineOf: () => 50 });
    for (const count of [1, 2]) {
      expect(await failureOf(rpc.listSources({}))).toMatchObject({ code: "DeadlineExceeded" });
      expect(silent.closed).toHaveLength(count);
    }
    await silent.closed[0]; // nothing was under way on it any more
  });

  it("that the service itself notices leave the connection as it is", async () => {
    const service = await startService({
      listSources: () => {
        throw new ConnectError("too late", Code.DeadlineExceeded);
      },
    });
    const proxy = await startProxy(service);
    const { rpc } = clientOf({ url: `http://${proxy.address}` });
    for (const _ of [1, 2])
      expect(await failureOf(rpc.listSources({}))).toMatchObject({ code: "DeadlineExceeded" });
    expect(proxy.closed).toHaveLength(1);
  });

  it("of the caller's own are taken instead", async () => {
    const silent = await startRawServer((socket) => void socket.resume());
    const { rpc } = clientOf({ url: `http://${silent.address}` }, { deadlineOf: long });
    expect(await failureOf(rpc.listSources({}, { timeoutMs: 30 }))).toMatchObject({
      code: "DeadlineExceeded",
    });
  });

  it("are not waited for by who gives up", async () => {
    const silent = await startRawServer((socket) => void socket.resume());
    const { rpc } = clientOf({ url: `http://${silent.address}` }, { deadlineOf: long });
    const controller = new AbortController();
    const call = failureOf(rpc.updateImages({}, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 20);
    expect(await call).toMatchObject({ code: "Canceled" });
  });
});

describe("a service that is not there", () => {
  it("is unavailable, and is found as soon as it comes", async () => {
    const address = await freeAddress();
    const { rpc } = clientOf({ url: `http://${address}` });
    const failure = await failureOf(rpc.updateImages({}));
    expect(failure).toMatchObject({ code: "Unavailable", infos: [] });
    expect(failure.message).toContain(`cannot connect to http://${address}: `);
    expect(failure.message).toContain("ECONNREFUSED");
    await startService({ listSources: () => ({ sources }) }, { address });
    expect((await rpc.listSources({})).sources).toHaveLength(1);
  });

  it("by a name that has several addresses is unavailable, with the reason", async () => {
    const port = (await freeAddress()).split(":")[1];
    const { rpc } = clientOf({ url: `http://localhost:${port}` });
    expect((await failureOf(rpc.listSources({}))).message).toMatch(/localhost:\d+: .*ECONNREFUSED/);
  });

  it("by a name that nobody has is unavailable", async () => {
    const { rpc } = clientOf({ url: "http://nobody.invalid:50051" });
    expect(await failureOf(rpc.listSources({}))).toMatchObject({ code: "Unavailable" });
  });

  it("and lets nobody connect in time is unavailable", async () => {
    // A server that does not begin with TLS: until then nobody is connected.
    const silent = await startRawServer((socket) => void socket.resume());
    const { rpc } = clientOf(
      { url: `https://${silent.address}` },
      { deadlineOf: long, connectTimeoutMs: 30 },
    );
    expect(await failureOf(rpc.updateImages({}))).toMatchObject({
      code: "Unavailable",
      message: `cannot connect to https://${silent.address}: no connection within 30 ms`,
    });
  });
});

describe("something else at the address", () => {
  it.each(strangers)("fails the call and nothing else: it %s", async (_, answer) => {
    const errors = uncaught();
    const server = await startRawServer((socket) => {
      socket.once("data", () => answer(socket));
    });
    const client = clientOf({ url: `http://${server.address}` }, { deadlineOf: () => 2_000 });
    const calls = [client.rpc.updateImages({}), client.rpc.listSources({}), client.rpc.markPrepulled({})];
    for (const failure of await Promise.all(calls.map(failureOf)))
      expect(failure).toMatchObject({ code: "Unavailable" });
    expect(await failureOf(client.rpc.listSources({}))).toMatchObject({ code: "Unavailable" });
    client.close();
    await Promise.all(server.closed);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors).toEqual([]);
  });

  it.each(strangers)("is no matter once the service is there again: it %s", async (_, answer) => {
    const service = await startService({ listSources: () => ({ sources }) });
    const proxy = await startProxy(service, (socket, count) => {
      if (count <= 2) socket.once("data", () => answer(socket));
      return count <= 2;
    });
    const { rpc } = clientOf({ url: `http://${proxy.address}` }, { deadlineOf: () => 5_000 });
    expect((await rpc.listSources({})).sources).toHaveLength(1); // the third attempt
  });
});

describe("a service that is started anew", () => {
  it("is found by those who come after", async () => {
    const errors = uncaught();
    const address = await freeAddress();
    const { rpc } = clientOf({ url: `http://${address}` });
    for (let round = 0; round < 3; round += 1) {
      const service = await startService({ listSources: () => ({ sources }) }, { address });
      expect((await rpc.listSources({})).sources).toHaveLength(1);
      service.kill();
      expect(await failureOf(rpc.updateImages({}))).toMatchObject({ code: "Unavailable" });
    }
    expect(errors).toEqual([]);
  });

  it("and kills what is under way fails it as unavailable", async () => {
    const errors = uncaught();
    const begun = Promise.withResolvers<void>();
    const service = await startService({
      updateImages: () => {
        begun.resolve();
        return new Promise(() => {});
      },
    });
    const { rpc } = clientOf({ url: `http://${service.address}` });
    const update = failureOf(rpc.updateImages({}));
    await begun.promise;
    service.kill();
    expect(await update).toMatchObject({ code: "Unavailable" });
    expect(errors).toEqual([]);
  });

  it("and says goodbye often loses no call", { timeout: 20_000 }, async () => {
    const options = { "grpc.max_connection_age_ms": 50, "grpc.max_connection_age_grace_ms": 1_000 };
    const pause = async () => {
      await new Promise((resolve) => setTimeout(resolve, 3));
      return {};
    };
    const service = await startService({ listSources: pause, updateImages: pause }, { options });
    const { rpc, text } = clientOf({ url: `http://${service.address}` });
    const end = Date.now() + 1_500;
    const lost: unknown[] = [];
    const loops = Array.from({ length: 20 }, async (_, index) => {
      while (Date.now() < end) {
        const call = index % 2 === 0 ? rpc.listSources({}) : rpc.updateImages({});
        await call.catch((error: unknown) => lost.push(error));
      }
    });
    await Promise.all(loops);
    // Deno's HTTP/2 may drop an answer that came with the end of its session; an update is not asked twice.
    const isDeno = (error: unknown) => onDeno && String(error).endsWith("[unavailable] Premature close");
    expect(lost.filter((error) => !isDeno(error))).toEqual([]);
    expect(text()).toContain("REFUSED_STREAM"); // it was needed
  });
});

describe("a client that is closed", () => {
  it("ends what is under way, gives its connection back, and can do no more", async () => {
    const errors = uncaught();
    const silent = await startRawServer((socket) => void socket.resume());
    const client = clientOf({ url: `http://${silent.address}` });
    const call = failureOf(client.rpc.listSources({}));
    await expect.poll(() => silent.connections()).toBe(1);
    client.close();
    expect(await call).toMatchObject({ code: "Unavailable" });
    await silent.closed[0];
    const failure = await failureOf(client.rpc.listSources({}));
    expect(failure.message).toContain("is closed");
    expect(silent.closed).toHaveLength(1);
    client.close();
    expect(errors).toEqual([]);
  });

  it("before it was asked has never connected", async () => {
    const silent = await startRawServer((socket) => void socket.resume());
    clientOf({ url: `http://${silent.address}` }).close();
    onTestFinished(() => expect(silent.closed).toEqual([]));
  });
});
