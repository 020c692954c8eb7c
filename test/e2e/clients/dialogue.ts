/**
 * A talk with an example client: it shows a menu, is told a tag, and prints a pod. All of them talk alike.
 *
 * Unlike other programs of these tests a client needs no care when the tests are cut off: it ends when its stdin does, or
 * when its patience has.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { until } from "../support/until.ts";

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Container {
  readonly image: string;
  readonly imagePullPolicy: string;
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

export interface Dialogue {
  /** Waits for words on stderr, after those that were waited for last, and gives what stands between. */
  hear(words: string | RegExp, seconds?: number): Promise<string>;
  /** Waits for the menu and gives it: tags and names, in order. */
  menu(): Promise<{ readonly tag: string; readonly name: string }[]>;
  say(tag: string): void;
  /** Waits for the end, which must be a good one, and gives the one container of the pod. */
  container(): Promise<Container>;
  /** The image of that container. */
  image(): Promise<string>;
  end(): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>;
}

export interface DialogueOptions {
  readonly port: number;
  /** Seconds that the client gives a question. */
  readonly patience?: number;
}

export function converse(
  { command, args, env }: Command,
  { port, patience = 30 }: DialogueOptions,
): Dialogue {
  const child = spawn(command, args, {
    stdio: "pipe",
    env: {
      ...process.env,
      ...env,
      IMAGE_SOURCE_ADDRESS: `127.0.0.1:${port}`,
      IMAGE_SOURCE_PATIENCE: String(patience),
    },
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (words: string) => {
    stderr += words;
  });
  child.stdin.on("error", () => {}); // it has ended: its words tell why
  const ended = Promise.all([text(child.stdout), once(child, "close")]);

  let heard = 0;
  const hear = (words: string | RegExp, seconds?: number) =>
    until(
      `"${words}" from ${command}, which said: ${stderr}`,
      () => {
        const rest = stderr.slice(heard);
        const found = new RegExp(words).exec(rest);
        if (!found) return undefined;
        heard += found.index + found[0].length;
        return rest.slice(0, found.index + found[0].length);
      },
      seconds,
    );
  const end = async () => {
    const [stdout] = await ended;
    return { status: child.exitCode, stdout, stderr };
  };

  const container = async () => {
    const { status, stdout } = await end();
    if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
    const pod = JSON.parse(stdout) as { kind: string; spec: { containers: Container[] } };
    const [only, ...others] = pod.spec.containers;
    if (pod.kind !== "Pod" || !only || others.length > 0) throw new Error(`no such pod: ${stdout}`);
    return only;
  };

  return {
    hear,
    async menu() {
      const lines = (await hear(/Which tag\?/)).matchAll(/^ {2}(\S+): (.*)$/gm);
      return [...lines].map(([, tag = "", name = ""]) => ({ tag, name }));
    },
    say: (tag) => void child.stdin.write(`${tag}\n`),
    container,
    image: async () => (await container()).image,
    end,
  };
}
