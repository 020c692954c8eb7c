/**
 * The port for those who operate the program: `/healthz`, `/readyz` and `/metrics` over plain HTTP. What they answer is
 * up to who starts it. The handler also stands by itself, for a port that has other paths beside these three.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendAnswer } from "./http-answer.ts";
import { listenHttp } from "./http-listener.ts";

/** Answers, or says with false that the path is none of its own. */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface OpsHandlerOptions {
  /** Empty: ready; else what is missing. */
  readonly isReady: () => string;
  /** In the text format of Prometheus. */
  readonly metrics: () => Promise<string>;
  /** Told of what nobody foresaw; the caller is told no more than that it happened. */
  readonly onBug?: (error: unknown) => void;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

const ok: Answer = { status: 200, text: "ok\n" };
const metricsType = "text/plain; version=0.0.4; charset=utf-8";

export function opsHandler({ isReady, metrics, onBug = () => {} }: OpsHandlerOptions): OpsHandler {
  const paths = new Map<string, () => Answer | Promise<Answer>>([
    ["/healthz", () => ok],
    [
      "/readyz",
      () => {
        const missing = isReady();
        return missing === "" ? ok : { status: 503, text: `${missing}\n` };
      },
    ],
    ["/metrics", async () => ({ status: 200, text: await metrics(), type: metricsType })],
  ]);

  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const answer = paths.get(path);
    if (!answer) return false;
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      send(request, response, { status: 405, text: "only GET and HEAD are answered here\n" });
      return true;
    }
    reply(answer).then((found) => send(request, response, found));
    return true;
  };

  async function reply(answer: () => Answer | Promise<Answer>): Promise<Answer> {
    try {
      return await answer();
    } catch (error) {
      onBug(error);
      return { status: 500, text: "internal error\n" };
    }
  }
}

/** What is said of a path that nobody has. */
export function sendNoPage(request: IncomingMessage, response: ServerResponse): void {
  send(request, response, { status: 404, text: "there is no such page\n" });
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, type = "text/plain; charset=utf-8" }: Answer,
): void {
  const headers = { "content-type": type, "cache-control": "no-store" };
  sendAnswer(request, response, { status, text, headers }).catch(() => response.destroy()); // the caller has gone
}

export interface OpsServerLog {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface OpsServer {
  /** Where it listens: `host:port`. */
  readonly address: string;
  /** Lets answers that are under way end, for a moment. */
  close(): Promise<void>;
}

/** Against callers who are slow or send without an end; none who belong here come near. */
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 90_000, // Prometheus comes once a minute, over the same connection
} as const;
const maxConnections = 200;
/** Of a connection in the middle of an answer that nobody takes. */
const silenceMs = 120_000;
const closeMs = 1_000;

/** `address` is `host:port`; port 0 takes a free one. Fails where it cannot be listened on. */
export async function startOpsServer(
  address: string,
  handler: OpsHandler,
  log: OpsServerLog,
): Promise<OpsServer> {
  const failed = (err: Error) => log.error({ err }, "the port for probes and metrics has failed");
  const listener = await listenHttp(
    { address, limits, maxConnections, silenceMs, failed },
    (request, response) => {
      if (!handler(request, response)) sendNoPage(request, response);
    },
  );
  log.info({ address: listener.address }, "listening for probes and metrics");
  return { address: listener.address, close: () => listener.drain(closeMs) };
}
