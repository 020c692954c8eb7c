/**
 * A program that runs beside the tests: started in a process group of its own, stopped by its process id.
 *
 * While it runs a file named after its id stands in the directory of this run; `run.sh` ends what is left there.
 */
import { spawn } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { work } from "./paths.ts";
import { GiveUp, until } from "./until.ts";

export interface Program {
  readonly pid: number;
  /** All that it wrote so far, to stdout and stderr. */
  output(): string;
  /** Fails, with the end of its output, where it has ended. For attempts of `until`. */
  mustRun(): void;
  /** Sends a signal to the process that was started, and gives its exit code, or the signal that ended it. */
  end(signal?: NodeJS.Signals, seconds?: number): Promise<number | NodeJS.Signals>;
  /** Ends it without asking, and what it started in its group. Nothing where it has ended. */
  kill(): Promise<void>;
}

export interface StartOptions {
  readonly cwd?: string;
  /** The whole environment; default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

export function start(command: string, args: readonly string[], options: StartOptions = {}): Program {
  const line = [command, ...args].join(" ");
  const child = spawn(command, args, { ...options, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot be started: ${line}`);

  const file = join(work, "pids", String(pid));
  mkdirSync(join(work, "pids"), { recursive: true });
  writeFileSync(file, line);

  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let status: number | NodeJS.Signals | undefined;
  child.on("exit", (code, signal) => {
    status = code ?? signal ?? "SIGKILL";
  });
  child.on("error", (error) => {
    output += `\n${error}`;
    status ??= -1;
  });

  // The group lives on where the leader did not end what it started.
  const forget = () => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // nobody is left
    }
    rmSync(file, { force: true });
  };
  const ended = (seconds: number) => until(`the end of ${line}`, () => status, seconds);

  return {
    pid,
    output: () => output,
    mustRun() {
      if (status !== undefined) throw new GiveUp(`ended with ${status}: ${line}\n${output.slice(-2000)}`);
    },
    async end(signal = "SIGTERM", seconds = 15) {
      if (status === undefined) process.kill(pid, signal);
      try {
        return await ended(seconds);
      } catch (error) {
        throw new Error(`${error}\n${output.slice(-2000)}`);
      } finally {
        forget();
      }
    },
    async kill() {
      forget();
      await ended(5);
    },
  };
}
