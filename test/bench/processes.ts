/**
 * Processes of the bench: each measures, or is asked by what is measured, so that neither counts for the other.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Starts a file of this folder. */
export function start(file: string, ...args: readonly string[]): ChildProcess {
  const path = new URL(file, import.meta.url).pathname;
  return fork(path, args, { execArgv: ["--expose-gc", "--max-semi-space-size=4"] });
}

export function ask<T>(child: ChildProcess, question: unknown): Promise<T> {
  const answer = message<T>(child);
  child.send(question as string);
  return answer;
}

export async function message<T>(child: ChildProcess): Promise<T> {
  const over = new AbortController();
  const failed = once(child, "exit", { signal: over.signal }).then(([code]) => {
    throw new Error(`a process of the bench ended with ${code}`);
  });
  try {
    const [answer] = await Promise.race([once(child, "message", { signal: over.signal }), failed]);
    return answer as T;
  } finally {
    failed.catch(() => {}); // nobody waits for it any more
    over.abort();
  }
}
