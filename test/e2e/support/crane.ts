/**
 * crane: what a person pushes and moves tags with.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { newDirectory, tools } from "./paths.ts";

const run = promisify(execFile);

/** Runs crane and gives what it prints. */
export async function crane(...args: readonly string[]): Promise<string> {
  return (await run(tools.crane, args)).stdout.trim();
}

/** Pushes an image of one layer with one file. Equal text and platform give an equal digest. */
export async function push(reference: string, text: string, platform: string): Promise<void> {
  const directory = newDirectory("image");
  writeFileSync(join(directory, "id"), `${text}\n`);
  const layer = join(directory, "layer.tar");
  await run("tar", [
    "-C",
    directory,
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--mode=0644",
    "-cf",
    layer,
    "id",
  ]);
  await crane("append", "--oci-empty-base", "-f", layer, "-t", reference);
  await crane("mutate", reference, "-t", reference, "--set-platform", platform, "--entrypoint", "/id");
}
