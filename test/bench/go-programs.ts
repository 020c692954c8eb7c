/**
 * The programs of the bench that are written in Go, built once per run. Without Go there are none, and the bench goes on.
 */
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { root } from "./program.ts";

const folder = join(root, ".cache/bench-go");
let isBuilt: boolean | undefined;

/** Where the program is; undefined without Go. */
export function goProgram(name: "load" | "rival"): string | undefined {
  isBuilt ??= build();
  return isBuilt ? join(folder, name) : undefined;
}

function build(): boolean {
  if (spawnSync("go", ["version"]).status !== 0) {
    console.error("no Go here: no rival, and a slower generator of load");
    return false;
  }
  const cwd = join(root, "test/bench/go");
  const PATH = [join(root, "node_modules/.bin"), process.env.PATH].join(delimiter);
  for (const args of [
    ["generate", "."],
    ["build", "-o", `${folder}/`, "./load", "./rival"],
  ]) {
    const go = spawnSync("go", args, { cwd, env: { ...process.env, PATH }, stdio: ["ignore", 2, 2] });
    if (go.status !== 0) throw new Error(`go ${args.join(" ")} failed`);
  }
  return true;
}
