/** The program as a process: commands, exit codes, signals. */

import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { Health, HealthCheckResponse_ServingStatus as Status } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { grpcTransport } from "../support/transports.ts";
import { hangingRegistry } from "./hanging-registry.ts";
import { configFile, type Program, run, start } from "./program.ts";

/** A process has to start, on a machine that does much else. */
const seconds = 30_000;

const sample = {
  ...{ name: "sample", type: "static", registry: "r.example", repository: "lab" },
  images: [{ tag: "w_2077_43" }],
};

function config(keys: object = {}): object {
  return {
    grpc: { address: "127.0.0.1:0" },
    http: { address: "127.0.0.1:0" },
    shutdown: { wait: "0s", grace: "5s" },
    sources: [sample],
    ...keys,
  };
}

/** Serves, and listens. */
async function serving(args: readonly string[], env: Record<string, string> = {}) {
  const program = start(["serve", ...args], env);
  const address = await listening(program);
  const transport = grpcTransport(address);
  const [ask, health] = [createClient(ImageSourceService, transport), createClient(Health, transport)];
  return { ...program, address, ask, health };
}

function listening(program: Program): Promise<string> {
  return program.says(/"address":"([^"]+)","msg":"listening for gRPC"/);
}

describe("serve", { timeout: seconds }, () => {
  it("serves the file of --config, and ends well after SIGTERM", async () => {
    const { ask, signal, ended } = await serving(["--config", configFile(config())]);
    expect((await ask.listSources({})).sources.map(({ name }) => name)).toEqual(["sample"]);
    signal("SIGTERM");
    const { code, stderr, stdout } = await ended;
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/"msg":"stopping: not ready".*"msg":"draining".*"msg":"stopped"/s);
  });

  it("serves the file of IMAGE_SOURCE_CONFIG", async () => {
    const { ask } = await serving([], { IMAGE_SOURCE_CONFIG: configFile(config()) });
    expect((await ask.listSources({})).sources.map(({ name }) => name)).toEqual(["sample"]);
  });

  it("drains: an update that waits is told that the server ends", async () => {
    const registry = await hangingRegistry();
    const source = {
      name: "lab",
      type: "docker",
      registry: registry.host,
      repository: "lab",
      scheme: "http",
    };
    const { ask, signal, ended } = await serving(["--config", configFile(config({ sources: [source] }))]);
    await registry.asked;
    const waiting = failureOf(ask.updateImages({}));
    await ask.listSources({}); // came after it on the same connection
    signal("SIGTERM");
    expect(await waiting).toMatchObject(contractFailure("Unavailable", "NOT_READY"));
    expect((await ended).code).toBe(0);
  });

  it("is not ready and waits after SIGTERM; a second signal ends it at once, badly", async () => {
    const file = configFile(config({ shutdown: { wait: "1h", grace: "1h" } }));
    const { ask, health, signal, ended } = await serving(["--config", file]);
    const statuses = health.watch({}, { timeoutMs: seconds })[Symbol.asyncIterator]();
    const until = async (wanted: Status) => {
      while ((await statuses.next()).value?.status !== wanted);
    };
    await until(Status.SERVING);
    signal("SIGTERM");
    await until(Status.NOT_SERVING);
    expect((await ask.listSources({})).sources).toHaveLength(1);
    signal("SIGTERM");
    expect((await ended).code).toBe(1);
    await expect(statuses.next()).rejects.toThrow();
  });

  it("does not wait after SIGINT", async () => {
    const file = configFile(config({ shutdown: { wait: "1h", grace: "5s" } }));
    const { signal, ended } = await serving(["--config", file]);
    signal("SIGINT");
    expect((await ended).code).toBe(0);
  });

  it.each(["grpc", "http"])("fails where the port for %s is taken, and says so", async (key) => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await run(["serve", "--config", configFile(config({ [key]: { address } }))]);
    expect(code).toBe(1);
    expect(stderr).toContain(`cannot listen on ${address}: `);
    expect(stderr).toContain("EADDRINUSE");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each(["serve", "check-config"])(
    "%s names every wrong key by its path, and starts nothing",
    async (command) => {
      const file = configFile({
        grpc: { address: 5, colour: "red", tls: {} },
        http: { tls: {} },
        shutdown: { wait: "soon" },
        sources: [{ ...sample, name: "Bad Name", pin: ["a b"], numDailies: -1 }, { type: "static" }],
      });
      const { code, stdout, stderr } = await run(
        command === "serve" ? [command, "--config", file] : [command, file],
      );
      expect([code, stdout]).toEqual([2, ""]);
      const paths = [
        ...["grpc.address", "grpc.colour", "grpc.tls.keyFile", "http.tls.keyFile", "shutdown.wait"],
        ...["sources[0].name", "sources[0].pin[0]", "sources[0].numDailies"],
        ...["name", "registry", "repository", "images"].map((key) => `sources[1].${key}`),
      ];
      expect(paths.filter((path) => !stderr.includes(`  ${path} `))).toEqual([]);
      expect(stderr).not.toContain("listening");
    },
  );
});

describe("used wrongly", { timeout: seconds }, () => {
  it.each<[string, readonly string[], RegExp]>([
    ["no command", [], /no command/],
    ["an unknown command", ["dance"], /there is no command dance/],
    ["an unknown option", ["serve", "--loud"], /--loud/],
    ["an option without its value", ["serve", "--config"], /--config/],
    ["an argument too many", ["serve", "file.yaml"], /file\.yaml/],
    ["a file that is not there", ["serve", "--config", "/no/such.yaml"], /\/no\/such\.yaml cannot be read/],
    ["nothing to check", ["check-config"], /takes one FILE/],
    ["two files to check", ["check-config", "a", "b"], /takes one FILE/],
    [
      "a file to check that is not there",
      ["check-config", "/no/such.yaml"],
      /\/no\/such\.yaml cannot be read/,
    ],
    ["a file that is no YAML", ["check-config", "LICENSE"], /cannot be used/],
  ])("%s: exit code 2, and why on stderr", async (_, args, why) => {
    const { code, stdout, stderr } = await run(args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(why);
  });
});

describe("told", { timeout: seconds }, () => {
  it("--version", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it.each([[["--help"]], [["serve", "--help"]], [["check-config", "--help"]]])(
    "%s: how to use it",
    async (args) => {
      const { code, stdout, stderr } = await run(args);
      expect([code, stderr]).toEqual([0, ""]);
      for (const word of ["serve", "check-config", "--config", "--version"]) expect(stdout).toContain(word);
    },
  );

  it.each(["examples/demo.yaml", "examples/docker.yaml"])(
    "check-config %s: that it is fine",
    async (file) => {
      const { code, stdout, stderr } = await run(["check-config", file]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain(`${file} is fine`);
    },
  );
});
