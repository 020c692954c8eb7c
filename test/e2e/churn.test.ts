/**
 * Connections that come and go, with calls cut off in the middle: what the HTTP/2 server of a Deno can die of without a
 * word. To be run before Deno is updated. Weaker churn than this finds nothing (docs/runtimes.md).
 */
import { setTimeout as pause } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { clients } from "./support/clients.ts";
import { ready } from "./support/health.ts";
import { type LocalServer, startLocalServer } from "./support/local-server.ts";
import { freePlace, portsOf } from "./support/place.ts";
import { type Runtime, runtimes, type Service, startService } from "./support/service.ts";

const connections = 30;
const calls = 200; // at once, on each
const tags = Array.from({ length: 90 }, (_, index) => `exp_${index}`); // more than 100 at once would be refused
const digest = `sha256:${"0".repeat(64)}`;

/** A registry that takes 50 ms to tell what a tag means. */
function slowRegistry(): Promise<LocalServer> {
  return startLocalServer(async ({ url }, response) => {
    if (url?.includes("/tags/list")) response.end(JSON.stringify({ tags }));
    else await pause(50).then(() => response.setHeader("docker-content-digest", digest).end());
  });
}

/** How the calls of one connection end that are not cut off, and those that are. */
async function churn(port: number): Promise<{ readonly left: unknown[]; readonly cut: unknown[] }> {
  const baseUrl = `http://127.0.0.1:${port}`;
  const sessionManager = new Http2SessionManager(baseUrl);
  const client = createClient(ImageSourceService, createGrpcTransport({ baseUrl, sessionManager }));
  const outcomes = await Promise.all(
    Array.from({ length: calls }, (_, index) => {
      const options = index % 2 === 0 ? {} : { signal: AbortSignal.timeout(5) };
      return client.imageForTagName({ tagName: tags[index % tags.length] ?? "" }, options).then(
        ({ image }) => image?.digest,
        (error) => ConnectError.from(error).code,
      );
    }),
  );
  sessionManager.abort();
  const every = (rest: number) => outcomes.filter((_, index) => index % 2 === rest);
  return { left: every(0), cut: every(1) };
}

describe.each(Object.keys(runtimes) as Runtime[])("the service under %s", (runtime) => {
  let service: Service;
  let registry: LocalServer;

  beforeAll(async () => {
    registry = await slowRegistry();
    const place = await freePlace();
    service = await startService(
      runtime,
      place,
      JSON.stringify({
        ...portsOf(place),
        shutdown: { wait: "0s" },
        sources: [
          {
            ...{ name: "lab", type: "docker", registry: registry.host, scheme: "http", repository: "a/lab" },
            ...{ maxRequests: 100, resolveTtl: 0 },
          },
        ],
      }),
    );
    await ready(service);
  });
  afterAll(async () => {
    await service?.program.kill();
    await registry?.stop();
  });

  it(`outlives ${connections} connections of ${calls} calls, every second one cut off after 5 ms`, async () => {
    for (let connection = 0; connection < connections; connection += 1) {
      const { left, cut } = await churn(service.place.port);
      service.program.mustRun();
      expect(left).toEqual(Array(calls / 2).fill(digest));
      const ends = new Set(cut); // some are answered before, as others have asked for the same tag
      for (const end of ends) expect([digest, Code.Canceled, Code.DeadlineExceeded]).toContain(end);
      expect(cut.filter((end) => end !== digest).length).toBeGreaterThan(calls / 4);
    }
  }, 60_000);

  it("answers after it, and ends well", async () => {
    const { images } = await clients(service.place).gRPC.menuImages({});
    expect(images).toHaveLength(tags.length);
    expect(await service.program.end("SIGTERM")).toBe(0);
  });
});
