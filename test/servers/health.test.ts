/** The health service, as probes and load balancers ask it. */
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import {
  Health as HealthService,
  HealthCheckResponse_ServingStatus as Status,
} from "../../gen/grpc/health/v1/health_pb.ts";
import { addService } from "../../src/servers/grpc-adapter.ts";
import { Health } from "../../src/servers/health.ts";
import { rules, serveGrpc } from "../support/grpc-servers.ts";
import { grpcTransport } from "../support/transports.ts";

const known = ["", "imagesource.v1.ImageSourceService"];

async function serve() {
  const health = new Health(known.slice(1));
  const address = await serveGrpc((server) => addService(server, HealthService, health.service(), rules));
  return { health, client: createClient(HealthService, grpcTransport(address)) };
}

describe("Check", () => {
  it.each(known)("of %j follows what is set, and begins with not serving", async (service) => {
    const { health, client } = await serve();
    const seen = [(await client.check({ service })).status];
    for (const isServing of [true, false]) {
      health.set(isServing);
      seen.push((await client.check({ service })).status);
    }
    expect(seen).toEqual([Status.NOT_SERVING, Status.SERVING, Status.NOT_SERVING]);
  });

  it("of an unknown service is not found", async () => {
    const { client } = await serve();
    expect(await client.check({ service: "nope" }).catch(ConnectError.from)).toMatchObject({
      code: Code.NotFound,
    });
  });
});

it("List tells all services", async () => {
  const { health, client } = await serve();
  health.set(true);
  const { statuses } = await client.list({});
  expect(Object.entries(statuses).map(([name, { status }]) => [name, status])).toEqual(
    known.map((name) => [name, Status.SERVING]),
  );
});

describe("Watch", () => {
  it.each(known)("of %j tells the status at once, and then each change", async (service) => {
    const { health, client } = await serve();
    const seen: number[] = [];
    for await (const { status } of client.watch({ service })) {
      seen.push(status);
      if (seen.length === 4) break;
      health.set(seen.length % 2 === 1);
      health.set(seen.length % 2 === 1); // no change
    }
    expect(seen).toEqual([Status.NOT_SERVING, Status.SERVING, Status.NOT_SERVING, Status.SERVING]);
  });

  it("of an unknown service says so, and stays open", async () => {
    const { health, client } = await serve();
    const leaving = new AbortController();
    const replies = client.watch({ service: "nope" }, { signal: leaving.signal })[Symbol.asyncIterator]();
    expect((await replies.next()).value?.status).toBe(Status.SERVICE_UNKNOWN);
    health.set(true);
    expect((await client.check({})).status).toBe(Status.SERVING);
    leaving.abort();
    await expect(replies.next()).rejects.toMatchObject({ code: Code.Canceled });
  });

  it("tells all who watch", async () => {
    const { health, client } = await serve();
    const watching = known.map((service) => client.watch({ service })[Symbol.asyncIterator]());
    for (const replies of watching) await replies.next();
    health.set(true);
    for (const replies of watching) expect((await replies.next()).value?.status).toBe(Status.SERVING);
  });

  it("ends when its caller has gone, while it waits", async () => {
    const health = new Health([]);
    const leaving = new AbortController();
    const { signal } = leaving;
    const replies = health
      .service()
      .watch({ service: "" } as never, { signal } as never)
      [Symbol.asyncIterator]();
    await replies.next();
    const waiting = replies.next();
    leaving.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});
