/**
 * An answer to a call that Connect does not get to see, in the form that its protocol has for failures.
 *
 * The bodies are those of calls that are no streams: there is no RPC with one on this port whose caller is asked who it is.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { clearTimeout, setTimeout } from "node:timers";
import type { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";

/** How long what a refused caller sends is waited for. */
const longestMs = 1_000;

export function refuse(error: ConnectError, request: IncomingMessage, response: ServerResponse): void {
  const type = request.headers["content-type"] ?? "";
  response.setHeaders(error.metadata);
  if (type.startsWith("application/grpc-web")) {
    const trailer = new Headers();
    setTrailerStatus(trailer, error);
    response.setHeaders(trailer);
    send(request, response, 200, type, "");
    return;
  }
  const text = JSON.stringify(errorToJson(error, undefined));
  send(request, response, codeToHttpStatus(error.code), "application/json", text);
}

/**
 * Answers at once, and throws away what comes: a connection that is closed while its caller sends takes the answer with
 * it. Who sends for long is not waited for.
 */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, { "content-type": type, "content-length": length });
  if (length === 0) response.flushHeaders();
  else response.write(text);
  const end = () => {
    clearTimeout(late);
    response.end();
  };
  const late = setTimeout(() => request.destroy(), longestMs);
  request.once("end", end).once("close", end).resume();
}
