/**
 * A prepuller in this process, as the program opens it: with what it says, and the ways in which it can end.
 */
import pino from "pino";
import { type OnceResult, openPrepuller } from "../../src/app/prepuller.ts";
import type { PrepullerConfig } from "../../src/config/prepuller-config.ts";
import type { FakeKubernetes } from "../support/kubernetes-api.ts";
import type { ManualClock } from "../support/kubernetes-clock.ts";

export interface Line {
  readonly level: string;
  readonly msg: string;
  readonly node?: string;
  readonly image?: string;
  readonly reason?: string;
}

export interface Running {
  /** What it has said, but what is for who debugs. */
  readonly lines: readonly Line[];
  /** Whether it has said something that begins so. */
  said(beginning: string): Line | undefined;
  run(): void;
  /** One round; `stop` interrupts it. */
  once(): Promise<OnceResult>;
  /** As SIGTERM does it. */
  stop(): Promise<void>;
  /** As SIGKILL does it: nothing that it says from now on arrives. */
  kill(): Promise<void>;
  /** What it has ended with; undefined: it has not. */
  readonly end: unknown;
  /** The value of a metric; undefined: it is not there. */
  metric(name: string): Promise<number | undefined>;
  isReady(): Promise<boolean>;
}

export async function runningPrepuller(
  config: PrepullerConfig,
  fake: FakeKubernetes,
  clock: ManualClock | undefined,
): Promise<Running> {
  const lines: Line[] = [];
  const write = (text: string) => {
    const { level, ...rest } = JSON.parse(text);
    lines.push({ ...rest, level: pino.levels.labels[level] });
  };
  const prepuller = await openPrepuller(config, pino({ level: "info" }, { write }), clock);
  const ending = new AbortController();
  let work: Promise<unknown> | undefined;
  let closing: Promise<void> | undefined;
  let end: unknown;

  function begin<T>(working: Promise<T>): Promise<T> {
    work = working.catch((error: unknown) => {
      end = error;
    });
    return working;
  }

  async function stop(): Promise<void> {
    ending.abort(new Error("stopped"));
    await work;
    await prepuller.close();
  }

  const ask = (path: string) => fetch(`http://${prepuller.address}${path}`);

  const one: Running = {
    lines,
    said: (beginning) => lines.find(({ msg }) => msg.startsWith(beginning)),
    run: () => void begin(prepuller.run(ending.signal)).catch(() => {}),
    once: () => begin(prepuller.runOnce(ending.signal)),
    stop: () => {
      closing ??= stop();
      return closing;
    },
    async kill() {
      const { holderIdentity } = fake.lease(config.lease.name).spec;
      fake.always("update leases", ({ body }) => {
        const { holderIdentity: holder = "" } = body.spec;
        return holder === "" || holder === holderIdentity ? "reset" : "answer";
      });
      await one.stop();
    },
    get end() {
      return end;
    },
    async metric(name) {
      const text = await (await ask("/metrics")).text();
      const line = text.split("\n").find((found) => found.startsWith(`image_source_prepuller_${name} `));
      return line === undefined ? undefined : Number(line.split(" ").at(-1));
    },
    isReady: async () => (await ask("/readyz")).ok,
  };
  return one;
}
