/**
 * The npm package as others get it: packed, and installed into an empty project of theirs.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { newDirectory, root, work } from "./paths.ts";

/** Directory of the project. Made once for the whole run, whichever file needs it first. */
export async function packageProject(): Promise<string> {
  const project = join(work, "project");
  if (existsSync(project)) return project;
  const packed = newDirectory("packed");
  await npm(["pack", "--pack-destination", packed], root);
  const [archive = ""] = readdirSync(packed);

  const aside = newDirectory("project");
  writeFileSync(join(aside, "package.json"), JSON.stringify({ private: true, type: "module" }));
  mkdirSync(join(aside, "node_modules")); // so that npm does not look for a project further up
  await npm(["install", "--no-audit", "--no-fund", join(packed, archive)], aside);
  renameSync(aside, project);
  return project;
}

/** Fails with all that was said: the compiler complains on stdout. */
async function npm(args: readonly string[], cwd: string): Promise<void> {
  try {
    await promisify(execFile)("npm", args, { cwd });
  } catch (error) {
    throw new Error(`${error}\n${(error as { stdout?: string }).stdout}`, { cause: error });
  }
}
