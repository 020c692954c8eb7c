/**
 * The whole service in a process of its own on Deno, whichever runtime the tests run on. It ends with the test.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { configOf } from "./secured.ts";

/** `text` is what it logged. */
export async function startOnDeno(grpc: object, env: Record<string, string> = {}, http: object = {}) {
  const program = new URL("serving.ts", import.meta.url).pathname;
  const child = spawn("node_modules/.bin/deno", ["run", "--allow-all", program, configOf(grpc, http)], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = once(child, "close");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  let text = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  const [address = "", httpAddress = ""] = await Promise.race([
    once(child.stdout.setEncoding("utf8"), "data").then(([line]) => String(line).trim().split(" ")),
    ended.then(() => {
      throw new Error(`it ended: ${text}`);
    }),
  ]);
  return { address, httpAddress, text: () => text };
}
