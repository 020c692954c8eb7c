/** The program as a process of its own, as a user runs it; it is ended when the test ends. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program {
  signal(signal: NodeJS.Signals): void;
  /** Waits for a text on stderr, and gives what the pattern's first group holds. Fails where the program ends before. */
  says(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Ended>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));

export function start(args: readonly string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, ["src/main.ts", ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]): Ended => ({ code: code as number | null, ...output }));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    // Not by child.kill: Deno's then tells the signal that was sent in place of how the program ended.
    signal: (signal) => void process.kill(child.pid ?? Number.NaN, signal),
    ended,
    says(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output.stderr);
          if (match) resolve(match[1] ?? "");
        };
        look();
        child.stderr.on("data", look);
        ended.then(({ code }) =>
          reject(new Error(`ended with ${code} without ${pattern}: ${output.stderr}`)),
        );
      });
    },
  };
}

/** Runs it to its end. */
export function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return start(args, env).ended;
}

/** A file of this content; it is removed when the test ends. */
export function configFile(content: string | object): string {
  const directory = mkdtempSync(join(tmpdir(), "image-source-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "config.yaml");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content)); // JSON is YAML too
  return path;
}
