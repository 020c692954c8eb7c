/**
 * The Kubernetes API as plain JSON: one request, one answer, and answers that go on. Bounded in time, size and number
 * per second. Knows no resource, and repeats nothing but what a new login may help.
 *
 * Not client-node's generated classes: they make five times the memory of what is read (testing 9).
 */
import type { Dispatcher } from "undici";
import { abortable } from "../async/abortable.ts";
import { withTimeLimit } from "../async/deadline.ts";
import type { Pacing } from "../async/pacing.ts";
import { noAnswer, refusal } from "./api-error.ts";
import type { Access, Credentials } from "./credentials.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** Goes before all that waits for its turn. */
  readonly isUrgent?: boolean;
  /** How long the whole answer may take, the turn not counted. */
  readonly deadlineMs?: number;
}

// The API server itself gives up after 60 s; a page of 500 nodes takes 50 ms.
const defaultDeadlineMs = 30_000;
// A page of 500 nodes has 6 MB; their annotations may be as long again, several times over.
const maxBytes = 256 * 2 ** 20;
const maxErrorBytes = 64 * 2 ** 10;

type Chunks = AsyncIterable<Uint8Array>;

export class KubernetesApi {
  readonly #credentials: Credentials;
  readonly #pacing: Pacing;

  constructor(credentials: Credentials, pacing: Pacing) {
    this.#credentials = credentials;
    this.#pacing = pacing;
  }

  /** What is answered, read. Fails with `ClusterError`, or with the signal's reason. */
  ask(request: ApiRequest, signal: AbortSignal): Promise<unknown> {
    const { deadlineMs = defaultDeadlineMs } = request;
    return this.#inTime(request, deadlineMs, signal, async (access, limited) => {
      const { body } = await answer(request, access, limited, limited);
      return JSON.parse(await whole(body, maxBytes));
    });
  }

  /** An answer that goes on: its body, which ends with an error where it breaks or the signal is aborted. */
  async open(request: ApiRequest, signal: AbortSignal): Promise<Chunks> {
    const { deadlineMs = defaultDeadlineMs } = request;
    const ending = new AbortController();
    const end = () => ending.abort(signal.reason);
    const release = () => signal.removeEventListener("abort", end);
    signal.addEventListener("abort", end, { once: true });
    try {
      const { body } = await this.#inTime(request, deadlineMs, signal, (access, limited) =>
        answer(request, access, limited, ending.signal),
      );
      return translated(body, request, signal, release);
    } catch (error) {
      release();
      ending.abort(error); // an answer that comes too late is of no use
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#credentials.close();
  }

  /** Begins when it is its turn. Where we are not known any more, begins once again as who we are by then. */
  async #inTime<T>(
    request: ApiRequest,
    deadlineMs: number,
    signal: AbortSignal,
    work: (access: Access, limited: AbortSignal) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#pacing.turn(signal, request.isUrgent);
      const late = new Error("no answer in time");
      let access: Access | undefined;
      const begin = async (limited: AbortSignal) => {
        access = await abortable(this.#credentials.access(), limited);
        return await work(access, limited);
      };
      try {
        return await withTimeLimit(deadlineMs, () => late, begin, signal);
      } catch (error) {
        signal.throwIfAborted();
        const failure = noAnswer(request, error);
        const mayHelp = failure.status === 401 && attempt === 1 && access && this.#credentials.renew(access);
        if (!mayHelp) throw failure;
      }
    }
  }
}

/** Heeds one signal until the headers are there, and ends the body by the other. */
async function answer(
  request: ApiRequest,
  access: Access,
  limited: AbortSignal,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const { method, path, query = {}, body } = request;
  const { origin, basePath, headers, dispatcher } = access;
  const search = new URLSearchParams(query).toString();
  const asking = dispatcher.request({
    method,
    origin,
    path: `${basePath}${path}${search && `?${search}`}`,
    headers: {
      accept: "application/json",
      "user-agent": "image-source",
      ...(body && { "content-type": "application/json" }),
      ...headers,
    },
    body: body ? JSON.stringify(body) : null,
    // undici closes the connection after a DELETE that has a body, which the API server reads all the same.
    reset: false,
    // There are deadlines for the whole, and watches may be silent for long.
    headersTimeout: 0,
    bodyTimeout: 0,
    signal,
  });
  let response: Dispatcher.ResponseData;
  try {
    // Heeded twice: undici does not notice it while it has no connection yet.
    response = await abortable(asking, limited);
  } catch (error) {
    asking.then(
      ({ body }) => body.on("error", () => {}).destroy(),
      () => {}, // nobody waits for it any more
    );
    throw error;
  }
  if (response.statusCode < 300) return response;
  const retryAfter = String(response.headers["retry-after"] ?? "");
  const said = await whole(response.body, maxErrorBytes).catch(() => "");
  throw refusal(request, { status: response.statusCode, retryAfter, body: said });
}

async function whole(body: Chunks, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new Error(`the answer is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString();
}

async function* translated(
  body: Chunks,
  request: ApiRequest,
  signal: AbortSignal,
  release: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    signal.throwIfAborted();
    throw noAnswer(request, error);
  } finally {
    release();
  }
}
