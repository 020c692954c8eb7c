/**
 * The Kubernetes API as plain JSON: for what a test does as an administrator, or to see what somebody may do. Not the
 * client of the program under test.
 */
import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";
import { Agent, request } from "undici";
import type { CertificateFiles } from "./certificates.ts";

/** An object of Kubernetes; a test knows what it looks for. */
// biome-ignore lint/suspicious/noExplicitAny: generated types of the whole API would be more than the tests
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly body: Json;
}

export interface Api {
  /** Any answer, also one that refuses. */
  ask(method: Method, path: string, body?: object, contentType?: string): Promise<Answer>;
  get(path: string): Promise<Json>;
  create(path: string, object: object): Promise<Json>;
  /** A merge patch. */
  patch(path: string, change: object): Promise<Json>;
  /** Makes it as the object says, whether or not it is there. */
  apply(path: string, object: object): Promise<Json>;
  /** Nothing where it is not there. */
  remove(path: string): Promise<void>;
  /** An answer that goes on, such as a watch, until the signal is aborted. */
  open(path: string, signal: AbortSignal): Promise<Readable>;
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface ApiOptions {
  readonly url: string;
  /** Path of the certificate of the CA. */
  readonly ca: string;
  readonly client: CertificateFiles | { readonly token: string };
}

export function api({ url, ca, client }: ApiOptions): Api {
  const own =
    "token" in client ? {} : { cert: readFileSync(client.certificate), key: readFileSync(client.key) };
  const dispatcher = new Agent({ connect: { ca: readFileSync(ca), ...own } });
  const headers = "token" in client ? { authorization: `Bearer ${client.token}` } : {};

  const ask: Api["ask"] = async (method, path, body, contentType = "application/json") => {
    const answer = await request(new URL(path, url), {
      method,
      dispatcher,
      headers: { ...headers, ...(body && { "content-type": contentType }) },
      body: body ? JSON.stringify(body) : null,
      headersTimeout: 10_000,
      bodyTimeout: 10_000,
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers["content-type"]).startsWith("application/json");
    return { status: answer.statusCode, body: isJson ? JSON.parse(text) : text };
  };
  const mustDo: Api["ask"] = async (method, path, ...rest) => {
    const answer = await ask(method, path, ...rest);
    if (answer.status < 300) return answer;
    throw new Error(`${method} ${path}: ${answer.status} ${answer.body.message ?? answer.body}`);
  };
  return {
    ask,
    get: async (path) => (await mustDo("GET", path)).body,
    create: async (path, object) => (await mustDo("POST", path, object)).body,
    patch: async (path, change) => (await mustDo("PATCH", path, change, "application/merge-patch+json")).body,
    apply: async (path, object) =>
      (await mustDo("PATCH", `${path}?fieldManager=tests&force=true`, object, "application/apply-patch+yaml"))
        .body,
    async remove(path) {
      const { status, body } = await ask("DELETE", path);
      if (status >= 300 && status !== 404)
        throw new Error(`DELETE ${path}: ${status} ${body.message ?? body}`);
    },
    async open(path, signal) {
      const { body } = await request(new URL(path, url), { dispatcher, headers, signal, bodyTimeout: 0 });
      return body.on("error", () => {}); // it ends by the signal
    },
  };
}
