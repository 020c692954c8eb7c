/**
 * The generator of load where there is no Go: a process of its own that takes a job from stdin and prints what came of it,
 * as the one in Go does. It is slower than fast servers are, so that their numbers are its own.
 */
import { readFileSync } from "node:fs";
import { connect } from "node:http2";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { Job, LoadResult } from "./load.ts";
import { postSender } from "./load-posts.ts";

type Written = Required<Job>;
/** Does one request and fails where the answer is none, or not as long as it has to be. */
export type Send = (turn: number) => Promise<void>;

const job = (await json(process.stdin)) as Written;
const bodies = job.requests.map(({ body }) => Buffer.from(body as unknown as string, "base64"));
const latencies: number[] = [];
const failures: string[] = [];
let begun = 0;

const senders = Array.from({ length: job.connections }, () =>
  job.protocol === "http" ? postSender(job, bodies) : grpcSender(),
);
const cpu = cpuSeconds();
const began = performance.now();
const end = began + job.seconds * 1000;
if (job.rate > 0) await pace();
else await Promise.all(senders.flatMap((send) => Array.from({ length: job.streams }, () => loop(send))));
const seconds = (performance.now() - began) / 1000;
latencies.sort((a, b) => a - b);
const at = (share: number) => latencies[Math.floor(share * (latencies.length - 1))] ?? 0;
const result: LoadResult = {
  calls: latencies.length,
  errors: failures.length,
  error: failures[0] ?? "",
  seconds,
  p50: at(0.5),
  p99: at(0.99),
  max: at(1),
  cpu: cpuSeconds() - cpu,
};
process.stdout.write(JSON.stringify(result), () => process.exit());

async function loop(send: Send): Promise<void> {
  while (job.calls > 0 ? begun < job.calls : performance.now() < end) await timed(send, performance.now());
}

/** Begins calls when they are due. Latency counts from then, so that a stall is seen by all whom it delays. */
async function pace(): Promise<void> {
  const calls: Promise<void>[] = [];
  for (let due = began; due < end; due += 1000 / job.rate) {
    await sleep(Math.max(0, due - performance.now()));
    const send = senders[calls.length % senders.length];
    if (send) calls.push(timed(send, due));
  }
  await Promise.all(calls);
}

async function timed(send: Send, since: number): Promise<void> {
  await send(begun++ % bodies.length).catch((error: unknown) => failures.push(String(error)));
  latencies.push(performance.now() - since);
}

function grpcSender(): Send {
  const session = connect(`http://${job.address}`, { settings: { initialWindowSize: 2 ** 30 } });
  session.on("connect", () => session.setLocalWindowSize(2 ** 30));
  session.on("error", () => {}); // its calls fail with it
  return (turn) =>
    new Promise((resolve, reject) => {
      const { path = "", bytes = 0 } = job.requests[turn] ?? {};
      const head = { "content-type": "application/grpc", te: "trailers" };
      const stream = session.request({ ":method": "POST", ":path": path, ...head });
      let status: unknown;
      let length = 0;
      stream.on("response", (headers) => {
        status = headers["grpc-status"];
      });
      stream.on("trailers", (headers) => {
        status = headers["grpc-status"];
      });
      stream.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      stream.on("error", reject);
      stream.on("close", () => {
        if (status !== "0") reject(new Error(`grpc-status ${status}`));
        else if (Math.abs(length - bytes) > job.slack) reject(new Error(`${length} bytes, not ${bytes}`));
        else resolve();
      });
      stream.end(bodies[turn]);
    });
}

/** Of the process that is measured; Linux counts in hundredths of a second. */
function cpuSeconds(): number {
  try {
    const stat = readFileSync(`/proc/${job.pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0;
  }
}
