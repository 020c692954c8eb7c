/** A registry that refuses for a while, and says for how long or does not: callers are told, and the service goes on. */
import { createClient } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { fakeRegistry } from "../support/registry.ts";
import { grpcTransport } from "../support/transports.ts";
import { configFile, start } from "./program.ts";

describe("a lookup of a registry that says 429", { timeout: 60_000 }, () => {
  it.each<[string, Record<string, string>]>([
    ["and when to come back", { "retry-after": "60" }],
    ["and not when to come back", {}],
  ])("%s: its reason and a time, and the service goes on", async (_, headers) => {
    const registry = await fakeRegistry({
      repositories: { "sciplat/lab": ["w_2077_40", "w_2077_41", "w_2077_42"] },
    });
    onTestFinished(() => registry.close());
    const source = {
      name: "lab",
      type: "docker",
      registry: registry.host,
      repository: "sciplat/lab",
      scheme: "http",
    };
    const sources = [{ ...source, numWeeklies: 1 }];
    const file = configFile({
      grpc: { address: "127.0.0.1:0" },
      http: { address: "127.0.0.1:0" },
      shutdown: { wait: "0s" },
      sources,
    });
    const program = start(["serve", "--config", file]);
    const http = await program.says(/"address":"([^"]+)","msg":"listening for HTTP"/);
    const address = await program.says(/"address":"([^"]+)","msg":"listening for gRPC"/);
    await program.says(/"msg":"(listed) the registry"/);
    const ask = createClient(ImageSourceService, grpcTransport(address));
    registry.rule({ path: /\/manifests\//, reply: { status: 429, headers } });
    const failure = await failureOf(ask.imageForTagName({ tagName: "w_2077_40" }, { timeoutMs: 20_000 }));
    expect(failure).toMatchObject(
      contractFailure("ResourceExhausted", "REGISTRY_RATE_LIMITED", { retries: [expect.any(Number)] }),
    );
    const metrics = await (await fetch(`http://${http}/metrics`)).text();
    const requests = `image_source_registry_requests_total{host="${registry.host}"`;
    expect(metrics).toContain(`${requests},outcome="200"}`);
    expect(metrics).toContain(`${requests},outcome="429"}`);
    expect((await ask.menuImages({})).images).toHaveLength(3);
    program.signal("SIGTERM");
    expect((await program.ended).code).toBe(0);
  });
});
