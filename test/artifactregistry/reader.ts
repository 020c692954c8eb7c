/**
 * Readers as the tests of this room make them: on a fake of the API, with a clock that does not wait.
 */
import { onTestFinished } from "vitest";
import {
  type GoogleReader,
  type GoogleReaderLog,
  type GoogleReaderOptions,
  type GoogleReaderSettings,
  googleReader,
} from "../../src/artifactregistry/google-reader.ts";
import type { RegistryTag } from "../../src/sources/reader.ts";
import { fakeClock, never, recordedLog } from "../registry/reader.ts";
import {
  type FakeArtifactRegistry,
  type FakeArtifactRegistryOptions,
  fakeArtifactRegistry,
} from "../support/artifact-registry.ts";

/** A fake that ends with the test. */
export async function startRegistry(
  options: FakeArtifactRegistryOptions = {},
): Promise<FakeArtifactRegistry> {
  const registry = await fakeArtifactRegistry(options);
  onTestFinished(() => registry.close());
  return registry;
}

export interface ReaderSetup extends GoogleReaderSettings {
  readonly log?: GoogleReaderLog;
  readonly options?: Partial<GoogleReaderOptions>;
}

/** A reader of `us-central1-docker.pkg.dev/p/r/lab` on the fake, that ends with the test. */
export function readerOf({ endpoint }: { endpoint: string }, setup: ReaderSetup = {}): GoogleReader {
  const { options = {}, log = recordedLog(), ...settings } = setup;
  const where = { location: "us-central1", projectId: "p", repository: "r", image: "lab" };
  const reader = googleReader({ ...where, credentialsFile: undefined, endpoint, ...options }, log, {
    clock: fakeClock(),
    ...settings,
  });
  onTestFinished(() => reader.close());
  return reader;
}

/** The whole listing at once. */
export async function listAll(
  reader: GoogleReader,
  signal: AbortSignal = never,
): Promise<{ tags: RegistryTag[]; names: string[]; warnings: string[]; pages: number[] }> {
  const tags: RegistryTag[] = [];
  const warnings: string[] = [];
  const pages: number[] = [];
  for await (const page of reader.list(signal)) {
    tags.push(...page.tags);
    warnings.push(...(page.warnings ?? []));
    pages.push(page.tags.length);
  }
  return { tags, names: tags.map(({ name }) => name), warnings, pages };
}
