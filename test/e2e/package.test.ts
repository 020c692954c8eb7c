/**
 * The npm package in a project of somebody else: its program, and its client with types, on Node and on Deno. What is
 * installed is JavaScript, since Node strips no types below `node_modules`.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ready } from "./support/health.ts";
import { packageProject } from "./support/package-project.ts";
import { root } from "./support/paths.ts";
import { listens } from "./support/ports.ts";
import { start } from "./support/process.ts";
import { denoScript, type Service } from "./support/service.ts";
import { until } from "./support/until.ts";

const bin = (name: string) => join(root, "node_modules/.bin", name);
const program = "node_modules/image-source/dist/src/main.js";
const permissions = denoScript("start:deno").filter((word) => word.startsWith("--"));

/** How each runtime starts the program, and a file of the project. */
const runtimes = {
  node: { program: ["node_modules/.bin/image-source"], file: [bin("node")] },
  deno: {
    program: [bin("deno"), "run", ...permissions, program],
    file: [bin("deno"), "run", ...permissions],
  },
} as const;

const asking = `
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type MenuImage, ErrorInfoSchema, ImageSourceService, ImageType } from "image-source/client";
import { Http2Connection } from "image-source/connection";

const baseUrl = "http://127.0.0.1:50051";
const sessionManager = new Http2Connection(baseUrl);
const client = createClient(ImageSourceService, createGrpcTransport({ baseUrl, sessionManager }));
const { images } = await client.menuImages({});
const releases: MenuImage[] = images.filter(({ type }) => type === ImageType.RELEASE);
console.log(releases[0]?.name, ErrorInfoSchema.typeName);
sessionManager.close();
`;

let project: string;

beforeAll(async () => {
  project = await packageProject();
  writeFileSync(join(project, "asking.ts"), asking);
  writeFileSync(join(project, "wrong.ts"), asking.replace("menuImages({})", "menuImages({ nothing: 1 })"));
}, 120_000);

/** Runs a command in the project and gives what it prints; with what it printed where it fails. */
async function run([command = "", ...args]: readonly string[]): Promise<string> {
  return (await promisify(execFile)(command, args, { cwd: project })).stdout.trim();
}

describe("the package", () => {
  it("holds JavaScript with types, the contract, and what a package has to have", () => {
    const files = readdirSync(join(project, "node_modules/image-source"), {
      recursive: true,
      encoding: "utf8",
    });
    expect(files).toEqual(
      expect.arrayContaining([
        ...["LICENSE", "README.md", "package.json", "dist/client.js", "dist/client.d.ts"],
        ...["proto/imagesource/v1/image.proto", "proto/imagesource/v1/image_source_service.proto"],
      ]),
    );
    expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
    expect(files.filter((file) => /^(test|src|scripts)\b/.test(file))).toEqual([]);
  });

  describe("has types, which", () => {
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--types", "node"];
    const typeRoots = ["--typeRoots", join(root, "node_modules/@types")];
    const compilers = {
      "tsc finds as Node does": ["--module", "nodenext", "--target", "es2024"],
      "tsc finds as bundlers do": [
        "--module",
        "esnext",
        "--moduleResolution",
        "bundler",
        "--target",
        "es2024",
      ],
    };
    for (const [how, options] of Object.entries(compilers)) {
      const tsc = (file: string) => run([bin("tsc"), ...strict, ...typeRoots, ...options, file]);
      it(how, async () => {
        expect(await tsc("asking.ts")).toBe("");
        await expect(tsc("wrong.ts")).rejects.toMatchObject({ stdout: expect.stringContaining("nothing") });
      });
    }

    it("Deno finds", async () => {
      await run([bin("deno"), "check", "asking.ts"]);
      await expect(run([bin("deno"), "check", "wrong.ts"])).rejects.toMatchObject({
        stderr: expect.stringContaining("nothing"),
      });
    });
  });
});

it("npx finds the program of the package", async () => {
  expect(await run(["npx", "image-source", "--help"])).toMatch(/^Usage: image-source/);
});

describe.each(Object.entries(runtimes))("the program of the package under %s", (_, { program }) => {
  let service: Service;

  beforeAll(async () => {
    const place = { port: 50051, httpPort: 8080 }; // of the demonstration
    const { port, httpPort } = place;
    await until(
      `ports ${port} and ${httpPort} to be free`,
      async () => !(await listens(port)) && !(await listens(httpPort)),
    );
    const [command = "", ...args] = program;
    service = { place, program: start(command, [...args, "serve"], { cwd: project }) };
    await ready(service);
  });
  afterAll(() => service?.program.kill());

  it("tells its version", async () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(await run([...program, "--version"])).toBe(version);
  });

  it("accepts the demonstration that comes with it", async () => {
    const told = await run([...program, "check-config", "node_modules/image-source/dist/examples/demo.yaml"]);
    expect(told).toContain("is fine");
  });

  it.each(Object.entries(runtimes))(
    "serves it, to the client of the package under %s",
    async (_, { file }) => {
      expect(await run([...file, "asking.ts"])).toBe(
        "Release r29.0.1 (SAL Cycle 0045, Build 003) google.rpc.ErrorInfo",
      );
    },
  );

  it("ends well at SIGTERM", async () => {
    expect(await service.program.end("SIGTERM")).toBe(0);
  });
});
