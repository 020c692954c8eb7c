/**
 * What a test makes of the fake Kubernetes API's answers, instead of what it would answer by itself.
 */
import type { ServerResponse } from "node:http";
import type { ApiCall, Verb } from "./kubernetes-routes.ts";
import type { Resource } from "./kubernetes-store.ts";

/** `list nodes`, `create pods`. */
export type What = `${Verb} ${Resource}`;

export interface StatusReply {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  /** Seconds. */
  readonly retryAfter?: number;
  /** In place of a `Status`, as proxies have it. */
  readonly html?: string;
}

export type Reply =
  /** The API answers itself. */
  | "answer"
  /** No answer, until the caller goes. */
  | "hang"
  /** The connection is closed without an answer. */
  | "reset"
  /** It is done, and then the connection is closed without an answer. */
  | "done, then reset"
  /** An answer that breaks off in the middle. */
  | "half"
  /** A success that is no JSON. */
  | "garbage"
  | StatusReply;

export type Replying = Reply | ((call: ApiCall) => Reply);

export class Faults {
  readonly #next = new Map<What, Replying[]>();
  readonly #always = new Map<What, Replying>();

  add(what: What, replies: readonly Replying[]): void {
    this.#next.set(what, [...(this.#next.get(what) ?? []), ...replies]);
  }

  always(what: What, reply: Replying): () => void {
    this.#always.set(what, reply);
    return () => void this.#always.delete(what);
  }

  take(call: ApiCall): Reply {
    const what: What = `${call.verb} ${call.resource}`;
    const reply = this.#next.get(what)?.shift() ?? this.#always.get(what) ?? "answer";
    return typeof reply === "function" ? reply(call) : reply;
  }
}

/** Gives a reply that is none of the API's own. */
export function misbehave(
  reply: Exclude<Reply, "answer" | "done, then reset">,
  response: ServerResponse,
): void {
  if (reply === "hang") return;
  if (reply === "reset") response.destroy();
  else if (reply === "garbage")
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Login</h1>");
  else if (reply === "half") {
    response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
    response.write('{"metadata":', () => response.destroy());
  } else {
    const { status, reason = "", message = "as the test wants it", retryAfter, html } = reply;
    const json = { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message };
    response.writeHead(status, {
      "content-type": html === undefined ? "application/json" : "text/html",
      ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    });
    response.end(html ?? JSON.stringify(json));
  }
}
