/**
 * All that the service opens before it listens: the readers of its sources, certificates and tokens, and where it keeps
 * what it knows.
 */
import type { Config, SourceConfig } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import type { Logger } from "../observability/logger.ts";
import type { RequestEnded } from "../registry/transport.ts";
import { type Access, type AccessOptions, openAccess } from "./access.ts";
import { type ClosableReader, readerOf } from "./readers.ts";
import { openState, type State } from "./state.ts";

export interface ServiceFiles {
  readonly readers: readonly (readonly [SourceConfig, ClosableReader])[];
  readonly access: Access;
  readonly state: State;
  close(): Promise<void>;
}

export interface ServiceFilesOptions extends AccessOptions {
  /** Told of each request to a registry. */
  readonly requestEnded?: RequestEnded;
}

/** Opens all there is before it fails, with `ConfigError`, with what is wrong with any. */
export async function openServiceFiles(
  config: Config,
  log: Logger,
  { requestEnded = () => {}, ...options }: ServiceFilesOptions = {},
): Promise<ServiceFiles> {
  const problems: string[] = [];
  const note = (key: string, error: unknown) =>
    void problems.push(`${key}: ${error instanceof Error ? error.message : String(error)}`);
  const attempt = <T>(key: string, open: () => T): T | undefined => {
    try {
      return open();
    } catch (error) {
      note(key, error);
      return undefined;
    }
  };
  const state = attempt("stateDirectory", () => openState(config.stateDirectory));
  const access = openAccess(config, log, attempt, options);
  const readers: [SourceConfig, ClosableReader][] = [];
  for (const [index, source] of config.sources.entries()) {
    const ownLog = log.child({ source: source.name });
    try {
      readers.push([source, await readerOf(source, ownLog, requestEnded)]);
    } catch (error) {
      note(`sources[${index}]`, error);
    }
  }
  const close = async () => {
    access.close();
    await Promise.all(readers.map(([, reader]) => reader.close?.()));
  };
  if (problems.length === 0 && state) return { readers, access, state, close };
  state?.unmake();
  close().catch((err: unknown) => log.error({ err }, "cannot close a reader"));
  throw new ConfigError(problems);
}

/** Fails with `ConfigError` where a file that is named cannot be used. */
export async function checkFiles(config: Config, log: Logger): Promise<void> {
  const files = await openServiceFiles(config, log);
  files.state.unmake();
  await files.close();
}
