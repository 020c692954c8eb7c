/** A flood: callers wait in line, only what waits for the registry is turned away, and probes are answered. */
import { createClient } from "@connectrpc/connect";
import pino from "pino";
import { expect, it, onTestFinished } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { startServer } from "../../src/app/server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { fakeRegistry } from "../support/registry.ts";
import { grpcTransport } from "../support/transports.ts";

const tags = Array.from({ length: 160 }, (_, index) => `exp_${index}`);

it("of menus and lookups at a registry that hangs", { timeout: 60_000 }, async () => {
  const registry = await fakeRegistry({ repositories: { "sciplat/lab": ["w_2077_40", ...tags] } });
  onTestFinished(() => registry.close());
  const config = {
    grpc: { address: "127.0.0.1:0", maxConcurrentStreams: 50 },
    http: { address: "127.0.0.1:0" },
    sources: [
      {
        ...{
          name: "lab",
          type: "docker",
          registry: registry.host,
          repository: "sciplat/lab",
          scheme: "http",
        },
        ...{ refreshInterval: 0, recommendedTag: "" },
      },
    ],
  };
  const parsed = parseConfig(JSON.stringify(config), { directory: "/", isTerminal: false, now: Date.now() });
  const server = await startServer(parsed, pino({ level: "silent" }));
  onTestFinished(() => server.stop(0));
  const http = `http://${server.httpAddress}`;
  await expect.poll(async () => (await fetch(`${http}/readyz`)).status, { timeout: 20_000 }).toBe(200);

  registry.rule({ path: /\/manifests\//, reply: "hang" });
  const leaving = new AbortController();
  const lookups = Array.from({ length: 4 }, () =>
    createClient(ImageSourceService, grpcTransport(server.address)),
  ).flatMap((ask, part) =>
    tags
      .slice(part * 40, part * 40 + 40)
      .map((tagName) =>
        failureOf(ask.imageForTagName({ tagName }, { signal: leaving.signal, timeoutMs: 0 })),
      ),
  );
  const turnedAway: unknown[] = [];
  for (const lookup of lookups) lookup.then((failure) => turnedAway.push(failure));
  await expect.poll(() => turnedAway.length, { timeout: 20_000 }).toBe(60);

  const transport = grpcTransport(server.address);
  const ask = createClient(ImageSourceService, transport);
  await ask.menuImages({}); // who knows the limit of the connection waits in line by itself
  const menus = Promise.all(Array.from({ length: 1_000 }, () => ask.menuImages({}, { timeoutMs: 30_000 })));
  const health = await createClient(Health, transport).check({});
  expect(health.status).toBe(Status.SERVING);
  for (const page of ["healthz", "readyz", "metrics"])
    expect((await fetch(`${http}/${page}`)).status).toBe(200);
  const counts = new Set((await menus).map(({ images }) => images.length));
  expect(counts).toEqual(new Set([161]));

  const overloaded = contractFailure("ResourceExhausted", "OVERLOADED", { retries: [expect.any(Number)] });
  for (const failure of turnedAway) expect(failure).toMatchObject(overloaded);
  leaving.abort();
  await Promise.all(lookups);
});
