/**
 * Files of lines that are only ever whole: written beside themselves, then renamed. A kill, or a disk that is full,
 * leaves the old one.
 *
 * Knows nothing of what is in them. One process to a directory.
 */
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, rmdirSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface StateFile {
  /** To name it in messages. */
  readonly path: string;
  /** The lines, in lists as they come; undefined where there is no file. */
  read(): Promise<AsyncIterable<readonly string[]> | undefined>;
  /** Gives the file another name, beside its own, so that what it holds is not lost with the next write. */
  setAside(): Promise<void>;
  /** Takes the lines one by one, as the disk does. One call at a time. */
  write(lines: Iterable<string>): Promise<void>;
}

export interface StateDirectory {
  /** `name` is one that a file can have. */
  file(name: string): StateFile;
  /** Removes what `openStateDirectory` had to make, as far as it is empty. */
  unmake(): void;
}

/**
 * Makes the directory where it is not there; fails, naming it, where no file can be made in it. `own` is in the names of
 * files that are being written: should two processes share the directory, neither writes into the other's.
 */
export function openStateDirectory(directory: string, own: string = randomUUID()): StateDirectory {
  let made: string | undefined;
  try {
    made = makeDirectory(directory);
    makeFile(join(directory, ".writable"));
    removeLeft(directory);
  } catch (error) {
    throw new Error(`${directory} cannot be made or written: ${reasonOf(error)}`);
  }
  return {
    file: (name) => stateFile(directory, `${name}.jsonl`, own),
    unmake() {
      if (made !== undefined) removeEmpty(directory, made);
    },
  };
}

/** Answers with the topmost one that was made. Node's own `recursive` never ends where nothing can be made: /proc. */
function makeDirectory(path: string): string | undefined {
  try {
    mkdirSync(path);
    return path;
  } catch (error) {
    if (isCode(error, "EEXIST")) return undefined;
    if (!isCode(error, "ENOENT") || dirname(path) === path) throw error;
  }
  const made = makeDirectory(dirname(path));
  mkdirSync(path);
  return made ?? path;
}

function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "w"));
    rmSync(path);
  } catch (error) {
    // A disk that is full now is no reason not to start: what it holds can be read, and it may have room later.
    if (!isCode(error, "ENOSPC", "EDQUOT")) throw error;
  }
}

/** A write takes less: what is older was left by a process that was killed. */
const leftAfterMs = 60_000;

function removeLeft(directory: string): void {
  for (const name of readdirSync(directory)) {
    const path = join(directory, name);
    if (!/\.jsonl\.[^.]*\.new$/.test(name)) continue;
    if (Date.now() - statSync(path).mtimeMs > leftAfterMs) rmSync(path, { force: true });
  }
}

function removeEmpty(directory: string, topmost: string): void {
  try {
    for (let at = directory; at.length >= topmost.length; at = dirname(at)) rmdirSync(at);
  } catch {
    // Somebody uses it already.
  }
}

function stateFile(directory: string, name: string, own: string): StateFile {
  const path = join(directory, name);
  return {
    path,
    async read() {
      const file = await open(path).catch((error: unknown) => {
        if (isCode(error, "ENOENT")) return undefined;
        throw new Error(`it cannot be read: ${reasonOf(error)}`);
      });
      return file && linesOf(file);
    },
    async setAside() {
      await rename(path, `${path}.unusable`);
    },
    async write(lines) {
      const beside = `${path}.${own}.new`;
      try {
        await writeLines(beside, lines);
        await rename(beside, path);
        await syncDirectory(directory);
      } catch (error) {
        await rm(beside, { force: true }).catch(() => {}); // half of it would only take room
        throw new Error(`${path} cannot be written: ${reasonOf(error)}`);
      }
    },
  };
}

/** So many characters are read or written at once: well under a millisecond of work. */
const pieceSize = 64 * 1024;
/** The longest line that is read. A node cache of one request, 64 MiB, may be that of a single node. */
const longestLine = 128 * 1024 * 1024;

async function* linesOf(file: FileHandle): AsyncGenerator<readonly string[]> {
  let rest = "";
  try {
    const pieces = file.createReadStream({ encoding: "utf8", highWaterMark: pieceSize, autoClose: false });
    for await (const piece of pieces) {
      const lines = String(piece).split("\n");
      lines[0] = rest + lines[0];
      rest = lines.pop() ?? "";
      if (rest.length > longestLine) throw new Error("it has a line that is too long");
      yield lines;
    }
  } catch (error) {
    throw isSystemError(error) ? new Error(`it cannot be read: ${reasonOf(error)}`) : error;
  } finally {
    await file.close();
  }
  if (rest !== "") yield [rest];
}

async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = await open(path, "w");
  try {
    let piece = "";
    for (const line of lines) {
      piece += `${line}\n`;
      if (piece.length < pieceSize) continue;
      await file.writeFile(piece);
      piece = "";
    }
    await file.writeFile(piece);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the new name outlives a loss of power too. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } catch (error) {
    if (!isCode(error, "EINVAL", "ENOTSUP")) throw error; // not every file system can
  } finally {
    await directory.close();
  }
}

const reasons: Record<string, string> = {
  EACCES: "it is not permitted",
  EPERM: "it is not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota is used up",
  EIO: "the disk fails",
  EEXIST: "there is a file of that name",
  ENOTDIR: "there is a file where a directory has to be",
  EISDIR: "there is a directory of that name",
  ENOENT: "there is no such directory",
};

/** Without what differs from attempt to attempt, so that an outage is told once. */
function reasonOf(error: unknown): string {
  if (!isSystemError(error)) return error instanceof Error ? error.message : String(error);
  return reasons[error.code] ?? error.code;
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return isSystemError(error) && codes.includes(error.code);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
