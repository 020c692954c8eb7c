/**
 * Generates the code of the contract into a folder of its own and fails where `gen/` differs from it: somebody changed
 * the contract without `npm run generate`, or the generated code by hand.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "image-source-gen-"));
try {
  run("buf", ["generate", "--output", folder]);
  run("diff", ["-r", join(folder, "gen"), "gen"]);
} finally {
  rmSync(folder, { recursive: true });
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: "inherit" });
  if (error) console.error(error.message);
  if (status !== 0) process.exitCode = 1;
}
