/** What a start costs: a service with static sources loads no code that speaks to registries or to Kubernetes. */
import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { configFile, start } from "./program.ts";

const config = {
  grpc: { address: "127.0.0.1:0" },
  http: { address: "127.0.0.1:0" },
  shutdown: { wait: "0s", grace: "5s" },
  sources: [
    {
      ...{ name: "sample", type: "static", registry: "r.example", repository: "lab" },
      images: [{ tag: "w_2077_43" }],
    },
  ],
};

/** Tells on stderr every file that is loaded. */
const spy = `data:text/javascript,${encodeURIComponent(`
  import { registerHooks } from "node:module";
  registerHooks({
    load(url, context, next) {
      console.error("loading " + url);
      return next(url, context);
    },
  });`)}`;

// Only Node has these hooks, and this cache: vitest.config.ts leaves this file out on Deno.
describe("the start of a static source", { timeout: 30_000 }, () => {
  it("loads no reader of registries, no Kubernetes, no prepuller", async () => {
    const env = { NODE_OPTIONS: `--import=${spy}` };
    const program = start(["serve", "--config", configFile(config)], env);
    await program.says(/"msg":"(listening for gRPC)"/);
    program.signal("SIGTERM");
    const { stderr } = await program.ended;
    const loaded = [...stderr.matchAll(/^loading (file:.*)$/gm)].map(([, url = ""]) => url);
    const own = pathToFileURL("./").href;
    expect(loaded).toContain(`${own}src/app/server.ts`);
    expect(loaded).toContain(`${own}node_modules/@grpc/grpc-js/build/src/index.js`);
    const late = ["undici", "@kubernetes", "google-auth-library"].map((name) => `node_modules/${name}/`);
    const rooms = ["registry", "kubernetes", "prepuller", "client"].map((room) => `src/${room}/`);
    const wrong = [...late, ...rooms, "gen/google/devtools/", "src/artifactregistry/google-reader.ts"];
    expect(loaded.filter((url) => wrong.some((path) => url.startsWith(own + path)))).toEqual([]);
  });

  it("keeps what was compiled as soon as it listens, whatever its end", async () => {
    const cache = await mkdtemp(join(tmpdir(), "image-source-"));
    onTestFinished(() => rm(cache, { recursive: true }));
    const file = configFile(config);
    const program = start(["serve", "--config", file], { NODE_COMPILE_CACHE: cache });
    await program.says(/"msg":"(listening for gRPC)"/);
    await expect
      .poll(() => readdirSync(cache, { recursive: true }).length, { timeout: 10_000 })
      .toBeGreaterThan(100);
    program.signal("SIGKILL");
    await program.ended;
  });

  it("starts where nothing can be kept", async () => {
    const program = start(["serve", "--config", configFile(config)], { NODE_COMPILE_CACHE: "/dev/null/no" });
    await program.says(/"msg":"(listening for gRPC)"/);
    program.signal("SIGTERM");
    expect((await program.ended).code).toBe(0);
  });
});
