/** The service restarted on its state directory: while the registry is down, killed, and with a disk that fails. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
import { type FakeRegistry, fakeRegistry } from "../support/registry.ts";
import { grpcTransport } from "../support/transports.ts";
import { configFile, run, start as startProgram } from "./program.ts";

const soon = { timeout: 30_000 };
const seconds = 60_000;

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), "image-source-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A registry that can go away, and come back to the same place. */
async function registry(): Promise<FakeRegistry & { isDown: boolean }> {
  const tags = ["recommended", "w_2077_43", "w_2077_42", "d_2077_10_23"];
  const fake = await fakeRegistry({ repositories: { "sciplat/lab": tags, other: ["w_2077_40"] } });
  onTestFinished(() => fake.close());
  const there = Object.assign(fake, { isDown: false });
  fake.rule({ reply: () => (there.isDown ? "reset" : undefined) });
  return there;
}

function keys({ host }: FakeRegistry, stateDirectory: string): object {
  const common = { type: "docker", registry: host, scheme: "http", refreshInterval: "1h" };
  return {
    grpc: { address: "127.0.0.1:0" },
    http: { address: "127.0.0.1:0" },
    shutdown: { wait: "0s", grace: "5s" },
    stateDirectory,
    sources: [
      { name: "lab", repository: "sciplat/lab", ...common },
      { name: "other", repository: "other", ...common },
    ],
  };
}

const configOf = (value: object) => {
  return parseConfig(JSON.stringify(value), { directory: "/nowhere", isTerminal: false, now: Date.now() });
};

/** Serves, with what its log says. */
async function serving(config: object) {
  const said: { msg: string; level: number; source?: string }[] = [];
  const log = pino({ level: "info" }, { write: (line) => void said.push(JSON.parse(line)) });
  const server = await startServer(configOf(config), log);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= server.stop(0);
    return stopped;
  };
  onTestFinished(stop);
  return { ...clients(server.address), said, stop };
}

function clients(address: string) {
  const transport = grpcTransport(address);
  const [ask, health] = [createClient(ImageSourceService, transport), createClient(Health, transport)];
  const isReady = async () => (await health.check({})).status === Status.SERVING;
  return { ask, ready: () => expect.poll(isReady, soon).toBe(true) };
}

type Ask = Awaited<ReturnType<typeof serving>>["ask"];

/** What callers have told: two nodes, and a mark on one. */
async function tell(ask: Ask): Promise<void> {
  const { image } = await ask.imageForTagName({ tagName: "w_2077_43" });
  const names = [`r.example/lab@${image?.digest}`];
  const nodes = [{ name: "n1", images: [{ names, sizeBytes: 5n }] }, { name: "n2" }];
  await ask.updateImages({ nodeCache: { nodes } });
  const { images } = await ask.updateImages({});
  const reference = images.find(({ tag }) => tag === "w_2077_42")?.reference ?? "";
  expect(await ask.markPrepulled({ reference, node: "n2", sizeBytes: 7n })).toMatchObject({ applied: true });
}

async function answers(ask: Ask) {
  const [menu, prepulled, lookup, other] = [
    await ask.menuImages({}),
    await ask.prepulledImages({}),
    await ask.imageForTagName({ tagName: "w_2077_42" }),
    await ask.menuImages({ source: "other" }),
  ];
  return { menu: menu.images, prepulled: prepulled.images, lookup, other: other.images };
}

const snapshot = async (ask: Ask) => {
  const { snapshot } = await ask.menuImages({});
  if (!snapshot) throw new Error("no snapshot");
  return snapshot;
};

describe("the service, restarted while the registry is down", { timeout: seconds }, () => {
  it("is ready, and answers from what it knew, stale, until the registry is there again", async () => {
    const lab = await registry();
    const config = keys(lab, join(temporary(), "state"));
    const first = await serving(config);
    await first.ready();
    await tell(first.ask);
    const before = { answers: await answers(first.ask), snapshot: await snapshot(first.ask) };
    expect(before.answers.lookup.image?.nodes).toEqual(["n2"]);
    await first.stop();

    lab.isDown = true;
    const second = await serving(config);
    await second.ready();
    expect(await answers(second.ask)).toEqual(before.answers);
    const stale = await snapshot(second.ask);
    expect(stale).toMatchObject({ stale: true, updateTime: before.snapshot.updateTime, nodeCount: 2 });
    expect(stale.version).toBeGreaterThan(before.snapshot.version);
    const updated = await second.ask.updateImages({});
    expect(updated.images.map(({ tag }) => tag)).toEqual([
      ...["recommended", "w_2077_43", "w_2077_42", "d_2077_10_23"],
    ]);
    expect(updated.snapshot).toMatchObject({ stale: true });
    expect(updated.warnings).toEqual([updated.snapshot?.lastError]);

    lab.isDown = false;
    const { snapshot: fresh } = await second.ask.updateImages({});
    expect(fresh).toMatchObject({ stale: false, lastError: "" });
    expect(fresh?.version).toBeGreaterThan(stale.version);
    expect(await answers(second.ask)).toEqual(before.answers);
  });

  it("begins anew, with a warning, where the file is broken, and is not ready", async () => {
    const lab = await registry();
    const state = temporary();
    const config = keys(lab, state);
    const first = await serving(config);
    await first.ready();
    await first.stop();
    const files = readdirSync(state).toSorted();
    expect(files).toHaveLength(2);
    const path = join(state, files[0] ?? "");
    const half = readFileSync(path, "utf8").slice(0, 300);
    writeFileSync(path, half);
    lab.isDown = true;
    const second = await serving(config);
    await second.ready(); // with the other source
    await expect.poll(() => second.said.some(({ msg }) => msg.includes(path)), soon).toBe(true);
    const warning = second.said.find(({ msg }) => msg.includes(path));
    expect(warning).toMatchObject({ level: 40, source: "lab" });
    expect(await failureOf(second.ask.menuImages({}))).toMatchObject(
      contractFailure("Unavailable", "NOT_READY"),
    );
    expect((await second.ask.menuImages({ source: "other" })).snapshot?.stale).toBe(true);
    await second.stop();
    expect(readFileSync(`${path}.unusable`, "utf8")).toBe(half);
  });

  it("killed, it has lost nothing that was saved while it ran", async () => {
    const lab = await registry();
    const state = temporary();
    const file = configFile(keys(lab, state));
    const serve = async () => {
      const program = startProgram(["serve", "--config", file]);
      return { ...program, ...clients(await program.says(/"address":"([^"]+)","msg":"listening for gRPC"/)) };
    };
    const first = await serve();
    await first.ready();
    await tell(first.ask);
    const before = await answers(first.ask);
    const saved = () => {
      const files = ["lab", "other"].map((name) => join(state, `${name}.jsonl`));
      return files.every(existsSync) && readFileSync(files[0] ?? "", "utf8").includes('"mark"');
    };
    await expect.poll(saved, soon).toBe(true);
    first.signal("SIGKILL");
    await first.ended;
    lab.isDown = true;
    const second = await serve();
    await second.ready();
    expect(await answers(second.ask)).toEqual(before);
    expect(await snapshot(second.ask)).toMatchObject({ stale: true });
  });
});

describe("a disk that cannot be written", { timeout: seconds }, () => {
  it("is a warning of ListSources and UpdateImages until it can be, and nothing else", async () => {
    const lab = await registry();
    const state = join(temporary(), "state");
    const { ask, ready, said, stop } = await serving(keys(lab, state));
    await ready();
    renameSync(state, `${state}.away`);
    writeFileSync(state, "");
    await ask.updateImages({});
    const warnings = async () => (await ask.listSources({})).sources[0]?.warnings;
    await expect.poll(warnings, soon).toHaveLength(1);
    const [warning = ""] = (await warnings()) ?? [];
    expect(warning).toMatch(/^the state is not saved: .*there is a file where a directory has to be$/);
    const { snapshot: updated, warnings: told } = await ask.updateImages({});
    expect([updated?.stale, updated?.lastError, told]).toEqual([false, "", [warning]]);
    rmSync(state);
    mkdirSync(state);
    await expect.poll(warnings, soon).toEqual([]);
    const saidOf = (text: string) => said.filter(({ msg, source }) => msg === text && source === "lab");
    expect(saidOf(warning)).toHaveLength(1);
    expect(saidOf("the state is saved again")).toHaveLength(1);
    await stop();
    expect(existsSync(join(state, "lab.jsonl"))).toBe(true);
  });
});

describe("a state directory that cannot be made", { timeout: seconds }, () => {
  it.each(["serve", "check-config"])("%s: exit code 2, naming the key", async (command) => {
    const file = configFile(keys(await registry(), "config.yaml/state"));
    const { code, stderr } = await run(command === "serve" ? [command, "--config", file] : [command, file]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ {2}stateDirectory: \S+config\.yaml\/state cannot be made or written: /m);
  });

  it("is told together with what else is wrong; what was made is taken back", async () => {
    const state = join(temporary(), "a", "state");
    const config = keys(await registry(), "/dev/null/state");
    const wrong = configOf({ ...config, grpc: { address: "127.0.0.1:0", tokensFile: "no.tokens" } });
    const failure = await checkFiles(wrong, pino({ level: "silent" })).catch((error: unknown) => error);
    expect((failure as ConfigError).problems.map((problem) => problem.split(":")[0])).toEqual([
      "stateDirectory",
      "grpc.tokensFile",
    ]);
    expect(failure).toBeInstanceOf(ConfigError);
    await checkFiles(configOf({ ...config, stateDirectory: state }), pino({ level: "silent" }));
    expect(existsSync(join(state, ".."))).toBe(false);
  });
});
