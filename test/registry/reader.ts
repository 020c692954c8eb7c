/**
 * Readers as the tests of this room make them: on a fake registry, with a clock that does not wait.
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "../../src/async/clock.ts";
import {
  type DockerReader,
  type DockerReaderOptions,
  type DockerReaderSettings,
  dockerReader,
} from "../../src/registry/docker-reader.ts";
import { Hosts } from "../../src/registry/host-state.ts";
import type { RegistryLog } from "../../src/registry/log.ts";
import { plainOptions } from "../support/docker-options.ts";
import { type FakeRegistry, type FakeRegistryOptions, fakeRegistry } from "../support/registry.ts";

export const never = new AbortController().signal;

/** A fake registry that ends with the test. */
export async function startRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const registry = await fakeRegistry(options);
  onTestFinished(() => registry.close());
  return registry;
}

/** Time that passes by sleeping only. */
export function fakeClock(): Clock & { sleeps: number[]; time: number } {
  const clock = {
    time: Date.parse("2077-10-28T12:00:00Z"),
    sleeps: [] as number[],
    now: () => clock.time,
    async sleep(milliseconds: number, signal: AbortSignal) {
      signal.throwIfAborted();
      clock.sleeps.push(milliseconds);
      clock.time += milliseconds;
    },
    random: () => 0.5,
  };
  return clock;
}

export interface RecordedLog extends RegistryLog {
  /** Everything that was said, as text. */
  readonly text: () => string;
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    text: () => lines.join("\n"),
  };
}

export interface ReaderSetup extends DockerReaderSettings {
  readonly options?: Partial<DockerReaderOptions>;
  readonly log?: RegistryLog;
}

/** A reader of `lab/image` on the fake registry, that ends with the test. */
export function readerOf(registry: { host: string }, setup: ReaderSetup = {}): DockerReader {
  const { options = {}, log = recordedLog(), ...settings } = setup;
  const reader = dockerReader(
    {
      registry: registry.host,
      repository: "lab/image",
      ...plainOptions,
      ...options,
    },
    log,
    { clock: fakeClock(), hosts: new Hosts(), proxy: { httpsProxy: "", noProxy: "" }, ...settings },
  );
  onTestFinished(() => reader.close());
  return reader;
}

/** The whole listing at once. */
export async function listAll(
  reader: DockerReader,
  signal: AbortSignal = never,
): Promise<{ names: string[]; warnings: string[]; pages: number[] }> {
  const names: string[] = [];
  const warnings: string[] = [];
  const pages: number[] = [];
  for await (const page of reader.list(signal)) {
    names.push(...page.tags.map(({ name }) => name));
    warnings.push(...(page.warnings ?? []));
    pages.push(page.tags.length);
  }
  return { names, warnings, pages };
}

/** What a promise fails with; fails itself if it does not. */
export async function failureOf(
  promise: Promise<unknown>,
): Promise<Error & { fault?: string; retryAfterMs?: number }> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if ("value" in outcome || !(outcome.error instanceof Error)) {
    throw new Error(`it should have failed, but: ${JSON.stringify(outcome)}`);
  }
  return outcome.error;
}

/** A directory that goes with the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "image-source-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A file with this content; objects become JSON. */
export function temporaryFile(content: string | object, name = "file"): string {
  const path = join(temporaryDirectory(), name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

/** A Docker config file with one login. */
export function configFile(host: string, username = "puller", password = "s3cret:word"): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return temporaryFile({ auths: { [host]: { auth } } }, "config.json");
}
