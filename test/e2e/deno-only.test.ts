/**
 * A machine that has Deno and nothing else, neither Node nor npm: the recipe of the README, in a fresh checkout, with
 * nothing in any cache of Deno's.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ready } from "./support/health.ts";
import { newDirectory, root } from "./support/paths.ts";
import { listens } from "./support/ports.ts";
import { type Program, start } from "./support/process.ts";
import { environment } from "./support/service.ts";
import { until } from "./support/until.ts";

const place = { port: 50051, httpPort: 8080 }; // of the demonstration
const { port, httpPort } = place;
const asking = `
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ImageSourceService } from "./client.ts";
import { Http2Connection } from "./src/async/http2-connection.ts";

const baseUrl = "http://127.0.0.1:${port}";
const sessionManager = new Http2Connection(baseUrl);
const client = createClient(ImageSourceService, createGrpcTransport({ baseUrl, sessionManager }));
const { image } = await client.imageForTagName({ tagName: "recommended" });
console.log(image?.displayName);
sessionManager.close();
`;

const run = promisify(execFile);
let checkout: string;
let env: NodeJS.ProcessEnv;
let program: Program | undefined;

beforeAll(async () => {
  checkout = newDirectory("checkout");
  const { stdout } = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  for (const file of stdout.split("\0").filter((name) => name && existsSync(join(root, name))))
    cpSync(join(root, file), join(checkout, file));

  const bin = newDirectory("bin");
  symlinkSync(realpathSync(join(root, "node_modules/.bin/deno")), join(bin, "deno"));
  const ownCa = { DENO_TLS_CA_STORE: process.env.DENO_TLS_CA_STORE ?? "mozilla,system" }; // as npm's on this machine
  env = { ...environment(), ...ownCa, PATH: bin, DENO_DIR: newDirectory("deno"), NO_COLOR: "1" };
});
afterAll(() => program?.kill());

async function deno(...args: readonly string[]): Promise<string> {
  return (await run("deno", args, { cwd: checkout, env })).stdout.trim();
}

it.each(["node", "npm"])("it has no %s", async (command) => {
  await expect(run("/bin/sh", ["-c", `command -v ${command}`], { env })).rejects.toMatchObject({
    stdout: "",
  });
});

it("deno install installs what the lock file names, and leaves that as it is", async () => {
  await deno("install", "--prod", "--frozen");
  expect(existsSync(join(checkout, "node_modules/@grpc/grpc-js"))).toBe(true);
  expect(existsSync(join(checkout, "node_modules/vitest"))).toBe(false);
}, 120_000);

it("deno task start:deno serves the demonstration", async () => {
  await until(
    `ports ${port} and ${httpPort} to be free`,
    async () => !(await listens(port)) && !(await listens(httpPort)),
  );
  program = start("deno", ["task", "start:deno"], { cwd: checkout, env });
  await ready({ place, program });
});

it("a client on Deno is answered", async () => {
  writeFileSync(join(checkout, "asking.ts"), asking);
  expect(await deno("run", "--allow-net", "--allow-env", "asking.ts")).toMatch(/^Recommended/);
});

it("the service ends well at SIGTERM", async () => {
  expect(await program?.end("SIGTERM")).toBe(0);
  expect(await listens(port)).toBe(false);
});

it("deno task takes arguments for the command", async () => {
  mkdirSync(join(checkout, "own"));
  writeFileSync(join(checkout, "own/config.yaml"), "sources: [{ name: lab, type: nothing }]");
  const failed = run("deno", ["task", "start:deno", "--config", "own/config.yaml"], { cwd: checkout, env });
  await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining("sources[0].type") });
});
