/**
 * Writes `deno.lock`, for machines that have Deno and no npm: the packages of `package-lock.json` that the program runs
 * on, in the same versions. Without those of development, which Deno would otherwise want for every platform.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const read = (file) => JSON.parse(readFileSync(file, "utf8"));
const root = new URL("../", import.meta.url);
const { devDependencies = {}, ...described } = read(new URL("package.json", root));
const locked = read(new URL("package-lock.json", root));
for (const [path, { dev }] of Object.entries(locked.packages)) if (dev) delete locked.packages[path];
delete locked.packages[""].devDependencies;

const directory = mkdtempSync(join(tmpdir(), "image-source-lock-"));
try {
  const write = (file, value) => writeFileSync(join(directory, file), JSON.stringify(value));
  write("package.json", described);
  write("package-lock.json", locked); // from which Deno takes the versions
  const { status } = spawnSync("deno", ["install", "--lockfile-only"], { cwd: directory, stdio: "inherit" });
  if (status !== 0) process.exit(1);
  const lock = read(join(directory, "deno.lock"));
  const { packageJson } = lock.workspace;
  for (const [name, version] of Object.entries(devDependencies))
    packageJson.dependencies.push(`npm:${name}@${version}`); // else it would not be that of package.json
  packageJson.dependencies.sort();
  writeFileSync(new URL("deno.lock", root), `${JSON.stringify(lock, null, 2)}\n`);
} finally {
  rmSync(directory, { recursive: true });
}
