/**
 * The program as a process: how `serve` ends by itself, by a signal and by a second one. What it answers between is
 * tested elsewhere.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Directory, newDirectory, source } from "./support.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

let directory: Directory;
let running: ChildProcess | undefined;

beforeAll(() => {
  directory = newDirectory();
});
afterEach(() => void running?.kill("SIGKILL"));
afterAll(() => directory.remove());

/** A configuration that listens on any port. */
function config(shutdown: string, address = "127.0.0.1:0"): string {
  return directory.write(
    "config.yaml",
    `grpc: { address: "${address}" }\nhttp: { address: "127.0.0.1:0" }\nshutdown: ${shutdown}\nsources:${source}`,
  );
}

interface Program {
  readonly process: ChildProcess;
  /** Not by its `kill`: Deno's then tells the signal that was sent in place of how the program ended. */
  readonly signal: (signal: NodeJS.Signals) => void;
  /** What it said on stderr until now. */
  readonly log: () => string;
  readonly exit: Promise<{ code: number | null; signal: string | null }>;
}

function start(...args: string[]): Program {
  const process_ = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  running = process_;
  let log = "";
  process_.stderr.on("data", (chunk: Buffer) => {
    log += chunk.toString();
  });
  const exit = once(process_, "exit").then(([code, signal]) => ({ code, signal }));
  const signal = (name: NodeJS.Signals) => void process.kill(process_.pid ?? Number.NaN, name);
  return { process: process_, signal, log: () => log, exit };
}

/** Waits for words in the log of a program that has to be running. */
async function until(program: Program, words: string): Promise<void> {
  while (!program.log().includes(words)) {
    if (program.process.exitCode !== null) throw new Error(`it ended early:\n${program.log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function serving(shutdown: string): Promise<Program> {
  const program = start("serve", "--config", config(shutdown));
  await until(program, "listening for gRPC");
  return program;
}

const timeout = 15_000; // far below the 60 s that a wait that should not happen would take

describe("serve ends", { timeout }, () => {
  it.each([
    ["well after SIGTERM, when it waited and drained", "{ wait: 1s, grace: 5s }", "SIGTERM"],
    ["well after SIGINT, without the wait", "{ wait: 60s, grace: 5s }", "SIGINT"],
  ] as const)("%s", async (_, shutdown, signal) => {
    const program = await serving(shutdown);
    const asked = performance.now();
    program.signal(signal);
    expect(await program.exit).toEqual({ code: 0, signal: null });
    if (signal === "SIGTERM") expect(performance.now() - asked).toBeGreaterThan(900);
    expect(program.log()).toContain("stopped");
  });

  it.each([
    ["SIGTERM", "SIGTERM"],
    ["SIGTERM", "SIGINT"],
  ] as const)("with 1, at once, when %s is followed by %s", async (first, second) => {
    const program = await serving("{ wait: 60s, grace: 60s }");
    program.signal(first);
    await until(program, "stopping");
    program.signal(second);
    expect(await program.exit).toEqual({ code: 1, signal: null });
  });

  it("with 1 where its address is taken, naming it", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const program = start("serve", "--config", config("{ wait: 0 }", `127.0.0.1:${port}`));
    const exit = await program.exit;
    await new Promise((resolve) => taken.close(resolve));
    expect(exit).toEqual({ code: 1, signal: null });
    expect(program.log()).toContain(`127.0.0.1:${port}`);
  });

  it("with 2 where its configuration is bad, on stderr only", async () => {
    const program = start("serve", "--config", config("{ wait: soon }"));
    let output = "";
    program.process.stdout?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    expect(await program.exit).toEqual({ code: 2, signal: null });
    expect(program.log()).toContain("shutdown.wait has to be");
    expect(program.log()).not.toContain("listening");
    expect(output).toBe("");
  });
});

describe("other commands end", { timeout }, () => {
  it.each([
    ["check-config of a good file: 0", () => ["check-config", config("{ wait: 0 }")], 0],
    ["check-config of a bad one: 2", () => ["check-config", config("{ wait: soon }")], 2],
    ["--version: 0", () => ["--version"], 0],
    ["no command: 2", () => [], 2],
  ])("%s", async (_, args, code) => {
    expect(await start(...args()).exit).toEqual({ code, signal: null });
  });
});
