/**
 * Builds what the npm package holds, JavaScript and types, since Node strips no types below `node_modules`. `dist/`
 * mirrors the checkout, so that the program finds what it reads beside its code.
 */
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("../", import.meta.url)));
rmSync("dist", { recursive: true, force: true });

const { status, error } = spawnSync("tsc", ["--project", "tsconfig.build.json"], { stdio: "inherit" });
if (error) console.error(error.message);
if (status !== 0) process.exit(1);

const { name, version, type } = JSON.parse(readFileSync("package.json", "utf8"));
writeFileSync("dist/package.json", `${JSON.stringify({ name, version, type }, null, 2)}\n`); // `--version` reads it
cpSync("examples/demo.yaml", "dist/examples/demo.yaml"); // what `serve` serves without a configuration
