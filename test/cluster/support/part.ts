/**
 * A part of a cluster: a program that outlives the process that started it, so that one test file can kill what
 * another one uses too. What is known of it is on disk: its process id and its log.
 *
 * Like every program of a run it stands in the directory `pids` while it runs; `clean.sh` ends what is left there.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { work } from "../../e2e/support/paths.ts";
import { GiveUp, until } from "../../e2e/support/until.ts";

export interface PartOptions {
  /** Where its process id and its log are. */
  readonly directory: string;
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Whether it can be used. */
  readonly isReady: () => boolean | Promise<boolean>;
  /** How long it may take to be ready; default: 30. What is not up then never comes up. */
  readonly seconds?: number;
}

export interface Part {
  readonly name: string;
  /** Starts it, or starts it anew, and waits until it can be used. */
  start(): Promise<void>;
  /** Ends it without asking, and waits until it is gone. Nothing where it does not run. */
  kill(): Promise<void>;
  /** Sends it a signal: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void;
  isRunning(): boolean;
  /** All that it wrote, also before it was started anew. */
  log(): string;
}

export function part({ directory, name, command, args, isReady, seconds = 30 }: PartOptions): Part {
  const pidFile = join(directory, `${name}.pid`);
  const logFile = join(directory, `${name}.log`);
  const log = () => readFileSync(logFile, "utf8");
  const runningPid = () => {
    const pid = Number(read(pidFile));
    return pid > 0 && lives(pid) ? pid : undefined;
  };

  async function kill() {
    const pid = runningPid();
    if (pid === undefined) return;
    process.kill(-pid, "SIGKILL");
    await until(`the end of ${name}`, () => !lives(pid), 5);
    rmSync(inRun(pid), { force: true });
  }

  return {
    name,
    async start() {
      if (runningPid() !== undefined) throw new Error(`${name} runs already`);
      const file = openSync(logFile, "a");
      const child = spawn(command, args, { detached: true, stdio: ["ignore", file, file] });
      closeSync(file);
      child.on("error", () => {}); // it then has no pid
      const { pid } = child;
      if (pid === undefined) throw new Error(`cannot be started: ${command}`);
      child.unref();
      mkdirSync(join(work, "pids"), { recursive: true });
      writeFileSync(inRun(pid), [command, ...args].join(" "));
      writeFileSync(pidFile, String(pid));
      try {
        await until(
          `${name} is ready`,
          () => {
            if (!lives(pid)) throw new GiveUp(`${name} has ended`);
            return isReady();
          },
          seconds,
        );
      } catch (error) {
        throw new Error(`${error}\n${log().slice(-3000)}`, { cause: error });
      }
    },
    kill,
    signal(signal) {
      const pid = runningPid();
      if (pid === undefined) throw new Error(`${name} does not run`);
      process.kill(pid, signal);
    },
    isRunning: () => runningPid() !== undefined,
    log,
  };
}

const inRun = (pid: number) => join(work, "pids", String(pid));

/**
 * Whether the process is there. It is not when it is a zombie, which an init that reaps nothing would keep for ever;
 * but while other threads of a zombie end, its ports are still taken.
 */
function lives(pid: number): boolean {
  const state = /^State:\s+(\w)/m.exec(read(`/proc/${pid}/status`))?.[1];
  if (state === undefined || state === "X") return false;
  return state !== "Z" || threads(pid) > 1;
}

function threads(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length;
  } catch {
    return 0; // it has just gone
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return ""; // not there
  }
}
