/**
 * An answer to a call that Connect does not get to see, in the form that its protocol has for failures.
 *
 * The bodies are those of calls that are no streams: there is no RPC with one on this port whose caller is asked who it is.
 */
import type { IncomingMessage } from "node:http";
import type { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJson } from "@connectrpc/connect/protocol-connect";
import { setTrailerStatus } from "@connectrpc/connect/protocol-grpc";
import type { ShortAnswer } from "./http-answer.ts";

export function refusal(error: ConnectError, request: IncomingMessage): ShortAnswer {
  const type = request.headers["content-type"] ?? "";
  if (type.startsWith("application/grpc-web")) {
    const trailer = new Headers(error.metadata);
    setTrailerStatus(trailer, error);
    return { status: 200, headers: { ...Object.fromEntries(trailer), "content-type": type }, text: "" };
  }
  return {
    status: codeToHttpStatus(error.code),
    headers: { ...Object.fromEntries(error.metadata), "content-type": "application/json" },
    text: JSON.stringify(errorToJson(error, undefined)),
  };
}
