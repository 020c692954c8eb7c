/** The gRPC port: where it listens, how many calls it takes at once, and how it ends. */
import { once } from "node:events";
import { connect } from "node:net";
import { Code, ConnectError, createClient, type ServiceImpl } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/grpc/health/v1/health_pb.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { startGrpcServer } from "../../src/servers/grpc-server.ts";
import { freeAddress, rules, serverOptions } from "../support/grpc-servers.ts";
import { wireCall } from "../support/grpc-wire.ts";
import { onDeno } from "../support/runtime.ts";
import { grpcTransport } from "../support/transports.ts";

async function start(
  handlers: Partial<ServiceImpl<typeof Health>>,
  options: Partial<typeof serverOptions | { maxConcurrentStreams: number; address: string }> = {},
) {
  const all = { check: () => ({}), list: () => ({}), async *watch() {}, ...handlers };
  const server = await startGrpcServer({ ...serverOptions, ...options }, (grpc) =>
    addService(grpc, Health, all, rules),
  );
  onTestFinished(() => server.drain(0));
  return server;
}

/** A handler that holds every call until it is told. */
function holding() {
  const begun = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const check = async () => {
    begun.resolve();
    await end.promise;
    return { status: Status.SERVING };
  };
  return { check, begun: begun.promise, end: () => end.resolve() };
}

describe("listening", () => {
  it("tells the port that was chosen", async () => {
    const { address } = await start({});
    expect(address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    expect(await wireCall(address, "grpc.health.v1.Health/Check")).toMatchObject({ code: 0 });
  });

  it("fails where the address is taken, and says so", async () => {
    const { address } = await start({});
    const failure = await start({}, { address }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
    expect(String(failure)).toContain(`cannot listen on ${address}: `);
    expect(String(failure)).toContain("EADDRINUSE");
  });

  it("fails where the host is not ours", async () => {
    await expect(start({}, { address: "192.0.2.1:0" })).rejects.toThrow("cannot listen on 192.0.2.1:0: ");
  });

  it("takes so many calls at once on a connection; those beyond wait", async () => {
    let [now, most] = [0, 0];
    const check = async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return {};
    };
    const { address } = await start({ check }, { maxConcurrentStreams: 3 });
    const client = createClient(Health, grpcTransport(address));
    await client.check({}); // by then the client knows the limit
    expect(await Promise.all(Array.from({ length: 50 }, () => client.check({})))).toHaveLength(50);
    expect(most).toBeLessThanOrEqual(3);
  });

  it("sends replies of more than 4 MiB", async () => {
    const name = "a".repeat(5 * 1024 * 1024);
    const { address } = await start({ list: () => ({ statuses: { [name]: {} } }) });
    const { statuses } = await createClient(Health, grpcTransport(address)).list({});
    expect(Object.keys(statuses).map((key) => key.length)).toEqual([name.length]);
  });
});

describe.each([
  ["on a port that was chosen", async () => "127.0.0.1:0"],
  ["on a port that was given", freeAddress],
])("draining %s", (_, addressOf) => {
  it("lets a call end, and takes no new one", async () => {
    const { check, begun, end } = holding();
    const server = await start({ check }, { address: await addressOf() });
    const client = createClient(Health, grpcTransport(server.address));
    // Deno's client may drop an answer that comes with the end of its session, so there it is read from the wire.
    const call = onDeno ? wireCall(server.address, "grpc.health.v1.Health/Check") : client.check({});
    await begun;
    const drained = server.drain(10_000);
    await expect(wireCall(server.address, "grpc.health.v1.Health/Check")).rejects.toThrow("ECONNREFUSED");
    expect(await client.list({}).catch(ConnectError.from)).toBeInstanceOf(ConnectError);
    end();
    expect(await call).toMatchObject(onDeno ? { code: 0 } : { status: Status.SERVING });
    await drained;
  });

  it("ends calls that have not ended after the time of grace", async () => {
    const { check, begun } = holding();
    const server = await start({ check }, { address: await addressOf() });
    const call = createClient(Health, grpcTransport(server.address)).check({}).catch(ConnectError.from);
    await begun;
    await server.drain(50);
    expect(await call).toMatchObject({ code: expect.any(Number) });
    expect(((await call) as ConnectError).code).not.toBe(Code.Unknown);
  });

  it("ends at once where nothing is under way, though clients are connected", async () => {
    const server = await start({}, { address: await addressOf() });
    await createClient(Health, grpcTransport(server.address)).check({});
    const started = performance.now();
    await server.drain(60_000);
    expect(performance.now() - started).toBeLessThan(4_000);
  });
});

it("a caller who has gone without a word is found, and the connection ended", async () => {
  const keepAlive = { everyMs: 50, answerMs: 50 };
  const server = await startGrpcServer({ ...serverOptions, keepAlive }, () => {});
  onTestFinished(() => server.drain(0));
  const socket = connect(Number(server.address.split(":")[1]), "127.0.0.1");
  socket.on("error", () => {}).resume();
  await once(socket, "connect");
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"); // settings, and then no answer to a ping
  await once(socket, "close");
});
