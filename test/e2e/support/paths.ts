/**
 * Where things are: the checkout, the programs, the directory of this run. `run.sh` sets what is not fixed.
 */
import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Directory of this run, which `run.sh` removes at the end. */
export const work = variable("IMAGE_SOURCE_E2E_WORK");

const bin = variable("IMAGE_SOURCE_E2E_TOOLS");

export const tools = {
  crane: join(bin, "crane-v0.22.1"),
  grpcurl: join(bin, "grpcurl-v1.9.4"),
  distribution: join(bin, "distribution-v3.1.2"),
  dockerRegistry: "docker-registry",
} as const;

/** A new empty directory of this run. */
export function newDirectory(name: string): string {
  mkdirSync(work, { recursive: true });
  return mkdtempSync(join(work, `${name}-`));
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start these tests by test/e2e/run.sh`);
  return value;
}
