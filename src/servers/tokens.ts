/**
 * Who may call: bearer tokens from a file, which may be replaced under a running program. One a line; `read` before it
 * makes it one that may only read. Blank lines, and those that begin with #, are left out.
 *
 * Knows nothing of a port: either asks with the header that came and what the method does.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ConnectError } from "@connectrpc/connect";
import { type FilesLog, watchFiles } from "../files/watched-files.ts";

/** How callers are refused. */
export interface Refusals {
  /** `challenge` says by which header a caller gets in. */
  invalidToken(challenge: string): ConnectError;
  readOnlyToken(): ConnectError;
}

export interface Tokens {
  /**
   * Undefined: may call. `authorization` is the header as it came, undefined where there is none.
   */
  check(authorization: string | undefined, isWrite: boolean): ConnectError | undefined;
  close(): void;
}

interface Token {
  /** Of one length, as a comparison in constant time needs it. */
  readonly hash: Buffer;
  readonly mayWrite: boolean;
}

const challenge = 'Bearer realm="image-source"';

/** Fails, naming the file and no content, where it cannot be used; also where it is empty. Emptied later, it lets nobody in. */
export function openTokens(
  file: string,
  refusals: Refusals,
  log: FilesLog,
  intervalMs: number | undefined,
): Tokens {
  const interval = intervalMs === undefined ? {} : { intervalMs };
  const onChange = (tokens: readonly Token[]) => {
    if (tokens.length === 0)
      log.error({ files: [file] }, `token file ${file}: it holds no token, so nobody may call`);
  };
  const tokens = watchFiles([file], { what: "token file", parse, log, onChange, ...interval });
  if (tokens.value.length === 0) {
    tokens.close();
    throw new Error(`token file ${file}: it holds no token`);
  }
  return {
    check(authorization, isWrite) {
      if (authorization === undefined) return refusals.invalidToken(challenge);
      const presented = /^bearer +([!-~]+)$/i.exec(authorization)?.[1];
      const found = presented === undefined ? undefined : find(tokens.value, presented);
      if (!found) return refusals.invalidToken(`${challenge}, error="invalid_token"`);
      return isWrite && !found.mayWrite ? refusals.readOnlyToken() : undefined;
    },
    close: () => tokens.close(),
  };
}

/** Compares with all of them: how long it takes tells nothing. */
function find(tokens: readonly Token[], presented: string): Token | undefined {
  const hash = hashOf(presented);
  let found: Token | undefined;
  for (const token of tokens) if (timingSafeEqual(token.hash, hash)) found = token;
  return found;
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

function parse([content = ""]: readonly string[]): Token[] {
  const lines = new Map<string, number>();
  return content.split("\n").flatMap((text, index) => {
    const line = text.trim();
    if (line === "" || line.startsWith("#")) return [];
    const words = line.split(/[ \t]+/);
    const isReader = words.length === 2 && words[0] === "read";
    const token = words.at(-1) ?? "";
    const number = index + 1;
    if (!(isReader || words.length === 1) || line === "read" || !/^[!-~]+$/.test(token))
      throw new Error(`line ${number} has to hold a token, or read and a token`);
    const before = lines.get(token);
    if (before !== undefined) throw new Error(`lines ${before} and ${number} hold the same token`);
    lines.set(token, number);
    return [{ hash: hashOf(token), mayWrite: !isReader }];
  });
}
