/**
 * Files whose content is read again when it changes: secrets and certificates, which are rotated under a running
 * program. What belongs together (a certificate and its key) is read together.
 *
 * Contents are compared, not times: that needs no support of the file system, and sees what a link points to now.
 * Neither contents nor what a parser of them said is ever printed.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { clearInterval, setInterval } from "node:timers";

/** Where changes are reported. */
export interface FilesLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface WatchedFilesOptions<T> {
  /** What the files are for, to name them in messages: "credentials file". */
  readonly what: string;
  /**
   * Makes the value of the contents, in the order of the paths. What it throws is reported with its message, which
   * must not repeat any content.
   */
  readonly parse: (contents: readonly string[]) => T;
  readonly log: FilesLog;
  /** Told of a change before it is taken over; one that throws is not, and is tried again at the next look. */
  readonly onChange?: (value: T) => void;
  readonly intervalMs?: number;
}

/** The last good content, and the way to it. */
export interface WatchedFiles<T> {
  readonly value: T;
  /** Looks now, instead of at the next interval. Never rejects: what is wrong is in the log. */
  check(): Promise<void>;
  close(): void;
}

// Secrets mounted into a pod arrive up to a minute late anyway; reading some small files costs nothing.
const defaultIntervalMs = 5_000;

/** Reads the files now, failing with an error that names the one at fault, and again whenever they change. */
export function watchFiles<T>(paths: readonly string[], options: WatchedFilesOptions<T>): WatchedFiles<T> {
  const { what, parse, log, onChange, intervalMs = defaultIntervalMs } = options;
  const name = `${what} ${paths.join(", ")}`;
  let contents = paths.map((path) => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new Error(unreadable(what, path, error));
    }
  });
  let value = parsed(name, parse, contents);
  let complaint: string | undefined;
  let checking: Promise<void> | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    try {
      const fresh = await Promise.all(paths.map((path) => read(what, path)));
      if (isClosed) return;
      if (fresh.every((text, index) => text === contents[index])) {
        complaint = undefined;
        return;
      }
      const next = parsed(name, parse, fresh);
      onChange?.(next);
      value = next;
      contents = fresh;
      complaint = undefined;
      log.info({ files: paths }, `${name}: changed, and read again`);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // Once, not every few seconds.
      if (message !== complaint)
        log.error({ files: paths }, `${message}; the last good content stays in use`);
      complaint = message;
    }
  }

  function check(): Promise<void> {
    checking ??= look().finally(() => {
      checking = undefined;
    });
    return checking;
  }

  const timer = setInterval(() => void check(), intervalMs);
  timer.unref();
  return {
    get value() {
      return value;
    },
    check,
    close() {
      isClosed = true;
      clearInterval(timer);
    },
  };
}

async function read(what: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(unreadable(what, path, error));
  }
}

const reasons: Record<string, string> = {
  ENOENT: "there is no such file",
  EACCES: "it may not be read",
  EISDIR: "it is a directory",
};

function unreadable(what: string, path: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
  return `${what} ${path}: ${reasons[code] ?? `it cannot be read (${code})`}`;
}

function parsed<T>(name: string, parse: (contents: readonly string[]) => T, contents: readonly string[]): T {
  try {
    return parse(contents);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : "broken"}`);
  }
}
