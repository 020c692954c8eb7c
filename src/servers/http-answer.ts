/**
 * Short answers of our own, and what comes before any answer: the rest of the request is read and thrown away.
 *
 * A connection that is closed while its caller sends takes the answer with it, and on Deno nothing is read any more
 * once the answer has ended: the next request on that connection would wait for ever.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { clearTimeout, setTimeout } from "node:timers";

/** Who sends for longer is not waited for. */
const longestMs = 5_000;

/** Ends when nothing more comes, or after some seconds. Never fails. */
export function discardBody(request: IncomingMessage): Promise<void> {
  if (request.readableEnded || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(resolve, longestMs);
    const end = () => {
      clearTimeout(late);
      resolve();
    };
    request
      .on("error", () => {}) // the caller has gone
      .once("end", end)
      .once("close", end)
      .resume();
  });
}

export interface ShortAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: OutgoingHttpHeaders;
}

export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, headers }: ShortAnswer,
): Promise<void> {
  await discardBody(request);
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
  response.end(text); // of the answer to a HEAD, Node leaves the text out
}
