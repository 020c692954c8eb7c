/**
 * Load on a server: what is to be sent, what came of it. The generator is a program of its own, in Go; without Go one in
 * Node (load-process.ts), which is slower, so that fast servers wait for it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { json } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { onLoadCore } from "./cores.ts";
import { goProgram } from "./go-programs.ts";

export interface Request {
  readonly path: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The length that the body of the answer must have. */
  readonly bytes: number;
}

export interface Job {
  readonly protocol: "grpc" | "http";
  readonly address: string;
  readonly connections: number;
  /** Calls at once on each connection; HTTP/1.1 has one. */
  readonly streams: number;
  /** How long, where `calls` does not say how many. */
  readonly seconds: number;
  readonly calls?: number;
  /** Calls per second, whether or not answers come. 0: the next one when one was answered. */
  readonly rate?: number;
  /** The process whose CPU time is counted. */
  readonly pid: number;
  readonly requests: readonly Request[];
  /** How much longer or shorter an answer may be, where what it tells changes meanwhile. */
  readonly slack?: number;
}

export interface LoadResult {
  readonly calls: number;
  readonly errors: number;
  readonly error: string;
  readonly seconds: number;
  /** Latencies in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** CPU seconds of the process. */
  readonly cpu: number;
}

export async function runLoad(job: Job): Promise<LoadResult> {
  const inNode = [process.execPath, fileURLToPath(new URL("load-process.ts", import.meta.url))];
  const own = goProgram("load");
  const [file = "", ...args] = onLoadCore(own ? [own] : inNode);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  const requests = job.requests.map((request) => ({
    ...request,
    body: Buffer.from(request.body).toString("base64"),
  }));
  child.stdin.end(JSON.stringify({ rate: 0, calls: 0, slack: 0, ...job, requests }));
  const [result, [code]] = await Promise.all([
    json(child.stdout).catch(() => undefined),
    once(child, "exit"),
  ]);
  if (code !== 0) throw new Error(`the generator of load ended with ${code}`);
  return result as LoadResult;
}
