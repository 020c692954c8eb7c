/**
 * Installs the dependencies if they are not those of the lock file: what `npm start` and `npm test` run first.
 *
 * Plain JavaScript without dependencies, since it runs on whatever Node the machine has, before anything is
 * installed. `npm install` and not `npm ci`: the latter refuses a lock file that lacks optional packages of other
 * platforms.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const stamp = new URL("node_modules/.installed", root);
const hash = createHash("sha256");
for (const file of ["package.json", "package-lock.json"]) hash.update(readFileSync(new URL(file, root)));
const wanted = hash.digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.error("installing dependencies (once) ...");
  const npm = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: fileURLToPath(root),
    stdio: ["ignore", 2, 2], // stdout belongs to the command that follows
    shell: process.platform === "win32",
  });
  if (npm.error) console.error(`cannot run npm: ${npm.error.message}`);
  if (npm.status !== 0) process.exit(npm.status ?? 1);
  writeFileSync(stamp, wanted);
}
