/** The service put together: it starts, becomes ready, answers, and ends without losing a call. */

import { readFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import pino from "pino";
import { describe, expect, it, onTestFinished } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { startServer } from "../../src/app/server.ts";
import { checkFiles } from "../../src/app/service-files.ts";
import { ConfigError } from "../../src/config/config-error.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { freeAddress } from "../support/grpc-servers.ts";
import { wireCall } from "../support/grpc-wire.ts";
import { grpcTransport } from "../support/transports.ts";
import { hangingRegistry } from "./hanging-registry.ts";

/** How long to look for something that becomes so. */
const soon = { timeout: 20_000 };

const quiet = pino({ level: "silent" });

function configOf(text: string) {
  const onFreePort = text.replace("127.0.0.1:50051", "127.0.0.1:0").replace("127.0.0.1:8080", "127.0.0.1:0");
  return parseConfig(onFreePort, { directory: "/nowhere", isTerminal: false, now: Date.now() });
}

async function start(text: string) {
  const server = await startServer(configOf(text), quiet);
  let stopped: Promise<void> | undefined;
  const stop = (wait: number) => {
    stopped ??= server.stop(wait);
    return stopped;
  };
  onTestFinished(() => stop(0));
  const transport = grpcTransport(server.address);
  const ask = createClient(ImageSourceService, transport);
  const health = createClient(Health, transport);
  return { address: server.address, http: `http://${server.httpAddress}`, stop, ask, health };
}

/** The statuses that the health service pushes. Ends when the test ends. */
function watch(health: Awaited<ReturnType<typeof start>>["health"], service = "") {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const replies = health
    .watch({ service }, { signal: leaving.signal, timeoutMs: 60_000 })
    [Symbol.asyncIterator]();
  return { next: async () => (await replies.next()).value?.status, leave: () => leaving.abort() };
}

async function ready(text: string) {
  const started = await start(text);
  const { next, leave } = watch(started.health);
  while ((await next()) !== Status.SERVING);
  leave();
  return started;
}

const demo = readFileSync("examples/demo.yaml", "utf8");
const of = (...sources: readonly object[]) => {
  const [grpc, http] = [{ address: "127.0.0.1:0" }, { address: "127.0.0.1:0" }];
  return JSON.stringify({ grpc, http, shutdown: { wait: "0s", grace: "5s" }, sources });
};
const docker = (registry: string) => {
  return { name: "lab", type: "docker", registry, repository: "sciplat/lab", scheme: "http" };
};
const sample = {
  ...{ name: "sample", type: "static", registry: "r.example", repository: "lab" },
  images: [{ tag: "w_2077_43" }],
};

describe("the demo", () => {
  it("is ready, and answers every RPC", async () => {
    const { ask, health } = await ready(demo);
    expect((await health.check({ service: ImageSourceService.typeName })).status).toBe(Status.SERVING);
    const { sources } = await ask.listSources({});
    expect(sources).toMatchObject([
      {
        name: "demo",
        type: "static",
        registry: "registry.example.org",
        repository: "demo/lab",
        warnings: [],
      },
    ]);
    const { images: menu, snapshot } = await ask.menuImages({});
    expect(snapshot).toMatchObject({
      source: "demo",
      tagCount: 59,
      imageCount: 59,
      nodeCount: 2,
      stale: false,
    });
    expect(menu).toHaveLength(5 + 9 + 10 + 7 + 2 + 6 + 3); // aliases, releases, 10 weeklies, 7 dailies, …
    const { images: chosen } = await ask.updateImages({ source: "demo" });
    expect(chosen.map(({ tag }) => tag)).toEqual([
      ...["recommended", "r29_0_1_c0045.003", "r28_0_2_c0044.002", "w_2077_46", "w_2077_45_c0045.003"],
      ...["d_2077_10_31_c0045.003", "d_2077_10_30_c0045.003", "d_2077_10_29_c0045.003"],
    ]);
    const { image } = await ask.imageForTagName({ tagName: "recommended" });
    expect(image?.nodes).toEqual(["node-1.example.org", "node-2.example.org"]);
    const reference = chosen[5]?.reference ?? "";
    const daily = async () =>
      (await ask.prepulledImages({})).images.find((found) => found.reference === reference);
    expect(await daily()).toMatchObject({ nodes: ["node-1.example.org"], missing: ["node-2.example.org"] });
    expect((await ask.markPrepulled({ reference, node: "node-2.example.org" })).applied).toBe(true);
    expect(await daily()).toMatchObject({ prepulled: true, missing: [] });
    expect((await ask.imageForReference({ reference })).image?.nodes).toHaveLength(2);
    expect((await ask.prepulledImages({})).images).toHaveLength(56);
  });
});

describe("readiness", { timeout: 30_000 }, () => {
  it("comes with one source that has a snapshot, when the others have ended their first run badly", async () => {
    const { ask, health } = await ready(of(docker(await freeAddress()), sample));
    expect((await health.check({})).status).toBe(Status.SERVING);
    expect(await failureOf(ask.menuImages({}))).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
    expect((await ask.menuImages({ source: "sample" })).images).toHaveLength(1);
  });

  it("does not come while no source has a snapshot; calls are answered, also by health", async () => {
    const { ask, health } = await start(of(docker(await freeAddress())));
    await expect.poll(async () => (await ask.listSources({})).sources[0]?.warnings.length, soon).toBe(1);
    expect((await health.check({})).status).toBe(Status.NOT_SERVING);
    expect(await failureOf(ask.menuImages({}))).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
    expect(await failureOf(ask.updateImages({}))).toMatchObject(
      contractFailure("Unavailable", "REGISTRY_UNAVAILABLE"),
    );
  });

  it("does not come while a source is still in its first run", async () => {
    const registry = await hangingRegistry();
    const { ask, health } = await start(of(docker(registry.host), sample));
    await registry.asked;
    await expect.poll(async () => (await ask.listSources({})).sources[1]?.snapshot, soon).toBeDefined();
    expect((await health.check({})).status).toBe(Status.NOT_SERVING);
  });
});

describe("stopping", () => {
  it("is first told by health, while calls are answered still; then nothing listens any more", async () => {
    const { address, ask, health, stop } = await ready(demo);
    const services = ["", ImageSourceService.typeName].map((service) => watch(health, service));
    for (const { next } of services) expect(await next()).toBe(Status.SERVING);
    const stopped = stop(1_000);
    for (const { next } of services) expect(await next()).toBe(Status.NOT_SERVING);
    expect((await ask.menuImages({})).images).toHaveLength(42);
    expect((await ask.updateImages({})).images).toHaveLength(8);
    for (const { leave } of services) leave();
    await stopped;
    await expect(wireCall(address, "grpc.health.v1.Health/Check")).rejects.toThrow("ECONNREFUSED");
  });

  it("ends an update that waits for a registry: not ready; and the connection to the registry", async () => {
    const registry = await hangingRegistry();
    const { ask, stop } = await start(of(docker(registry.host)));
    const request = await registry.asked;
    // Not by `once`: on Deno the socket tells an error before, as the request was not answered.
    const closed = new Promise((resolve) => request.socket.on("error", () => {}).on("close", resolve));
    const waiting = failureOf(ask.updateImages({}));
    await ask.listSources({}); // came after it on the same connection
    await stop(0);
    expect(await waiting).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
    await closed;
  });
});

describe("starting", () => {
  it("fails where the address is taken, and says so", async () => {
    const { address } = await ready(of(sample));
    const text = of(sample).replace("127.0.0.1:0", address);
    await expect(startServer(configOf(text), quiet)).rejects.toThrow(`cannot listen on ${address}`);
  });

  it("fails where the certificate or the tokens cannot be used, and where there is no token; all told at once", async () => {
    const tls = { certificateFile: "no.crt", keyFile: "no.key" };
    const text = JSON.stringify({ grpc: { tls, tokensFile: "/dev/null" }, sources: [sample] });
    for (const attempt of [startServer(configOf(text), quiet), checkFiles(configOf(text), quiet)]) {
      const failure = await attempt.catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(ConfigError);
      expect((failure as ConfigError).problems).toEqual([
        "grpc.tls: certificate /nowhere/no.crt: there is no such file",
        "grpc.tokensFile: token file /dev/null: it holds no token",
      ]);
    }
  });

  it.each(["caFile", "credentialsFile"])(
    "fails where a file is not there, naming the source: %s",
    async (key) => {
      const config = configOf(of(sample, { ...docker("r.example"), scheme: "https", [key]: "no.file" }));
      for (const attempt of [startServer(config, quiet), checkFiles(config, quiet)]) {
        const failure = await attempt.then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(failure).toBeInstanceOf(ConfigError);
        expect((failure as ConfigError).problems).toEqual([
          expect.stringMatching(/^sources\[1\]: .*no\.file/),
        ]);
      }
    },
  );
});

describe("the HTTP port", () => {
  it("answers the same calls, and operators", async () => {
    const { http, ask } = await ready(demo);
    expect((await fetch(`${http}/readyz`)).status).toBe(200);
    const menu = await fetch(`${http}/${ImageSourceService.typeName}/MenuImages`, {
      ...{ method: "POST", headers: { "content-type": "application/json" }, body: "{}" },
    });
    expect(await menu.json()).toMatchObject({ snapshot: { source: "demo", tagCount: 59 } });
    await ask.menuImages({});
    const metrics = await (await fetch(`${http}/metrics`)).text();
    expect(metrics).toMatch(/^grpc_server_handled_total\{.*grpc_method="MenuImages",grpc_code="OK"\} 2$/m); // of either port
    expect(metrics).toMatch(/^image_source_tags\{source="demo"\} 59$/m);
    expect(metrics).toMatch(/^image_source_refresh_duration_seconds\{source="demo"\} \d/m);
  });

  it("says what is missing, and when it is stopping", async () => {
    const { host } = await hangingRegistry();
    const { http, stop } = await start(of(docker(host), sample));
    await expect
      .poll(async () => await (await fetch(`${http}/readyz`)).text(), soon)
      .toBe("not listed yet: lab\n");
    expect((await fetch(`${http}/healthz`)).status).toBe(200);
    const stopped = stop(300);
    const response = await fetch(`${http}/readyz`);
    expect([response.status, await response.text()]).toEqual([503, "stopping\n"]);
    await stopped;
    await expect(fetch(`${http}/healthz`)).rejects.toThrow();
  });
});
