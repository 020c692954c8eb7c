/**
 * A program that is measured: started on the core of servers, and known by what it writes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { onServerCore } from "./cores.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

export interface Program {
  readonly pid: number;
  /** Waits for a line of stdout or stderr and gives what `read` makes of it; fails when the program ends first. */
  line<T>(read: (line: string) => T | undefined): Promise<T>;
  stop(): Promise<void>;
}

export function startProgram(command: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const [file = "", ...args] = onServerCore(command);
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, DENO_NO_UPDATE_CHECK: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const end = once(child, "exit");
  const written: string[] = [];
  const listeners = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr] as Readable[]) {
    createInterface(stream).on("line", (line) => {
      written.push(line);
      for (const listener of listeners) listener(line);
    });
  }
  return {
    pid: child.pid ?? 0,
    async line(read) {
      for (const line of written) {
        const value = read(line);
        if (value !== undefined) return value;
      }
      const { promise, resolve } = Promise.withResolvers<NonNullable<ReturnType<typeof read>>>();
      const listener = (line: string) => {
        const value = read(line);
        if (value !== undefined) resolve(value as NonNullable<typeof value>);
      };
      listeners.add(listener);
      const failed = end.then(([code]) => {
        throw new Error(`${command.join(" ")} ended with ${code}:\n${written.slice(-20).join("\n")}`);
      });
      failed.catch(() => {}); // also where nobody waits any more
      try {
        return await Promise.race([promise, failed]);
      } finally {
        listeners.delete(listener);
      }
    },
    stop: () => stop(child, end),
  };
}

async function stop(child: ChildProcess, end: Promise<unknown>): Promise<void> {
  if (child.exitCode === null) child.kill("SIGKILL");
  await end;
}

/** A line that is nothing but an address. */
export function addressLine(line: string): string | undefined {
  return /^127\.0\.0\.1:\d+$/.test(line) ? line : undefined;
}
