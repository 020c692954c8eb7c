/**
 * The HTTP/2 connection to one place: opened when it is needed, closed when it is idle, replaced when it broke, was told
 * to go away or `renew` was called. It is what Connect's transport takes for a session manager.
 *
 * In place of Connect's own, which stops listening to a session that fails as soon as the next one is begun: an error
 * that nobody hears ends the process. It sends no pings: who waits has a deadline, and calls `renew` when that passes.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  connect,
  constants,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";

export interface Http2ConnectionOptions {
  /** For a session that is about to be opened: certificates may have changed since the last one. */
  readonly sessionOptions?: () => SecureClientSessionOptions;
  readonly connectTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
}

interface Session {
  readonly http2: ClientHttp2Session;
  readonly opened: Promise<void>;
  isOpen: boolean;
  /** Takes no new streams. */
  isLeaving: boolean;
  /** Streams, and those who wait for it to open. */
  users: number;
  idle: NodeJS.Timeout | undefined;
}

const defaultConnectTimeoutMs = 10_000;
// Shorter than load balancers and address translators keep what is idle: those forget it without a word.
const defaultIdleTimeoutMs = 60_000;
/** A session can close in the moment in which a stream is opened. */
const maxAttempts = 3;

export class Http2Connection {
  readonly authority: string;
  readonly #options: Http2ConnectionOptions;
  readonly #sessions = new Set<Session>();
  #current: Session | undefined;
  #isClosed = false;

  constructor(url: string, options: Http2ConnectionOptions = {}) {
    this.authority = new URL(url).origin;
    this.#options = options;
  }

  async request(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    options: Omit<ClientSessionRequestOptions, "signal">,
  ): Promise<ClientHttp2Stream> {
    for (let attempt = 1; ; attempt += 1) {
      const session = this.#usable();
      this.#join(session);
      try {
        await session.opened;
        const all = { ...headers, ":method": method, ":path": path };
        const stream = session.http2.request(all, options);
        stream.once("close", () => this.#leave(session));
        failUnanswered(stream);
        return stream;
      } catch (error) {
        this.#leave(session);
        if (!session.isOpen || attempt === maxAttempts || !isGone(session)) throw error;
      }
    }
  }

  /** Of use to those who send pings. */
  notifyResponseByteRead(): void {}

  /** What is asked from now on goes over a new session; what is under way ends on the old one. */
  renew(): void {
    if (this.#current) this.#retire(this.#current);
  }

  /** Ends what is under way; nothing can be asked any more. */
  close(): void {
    this.#isClosed = true;
    const reason = new Error(`the connection to ${this.authority} was closed`);
    for (const { http2 } of this.#sessions) http2.destroy(reason, constants.NGHTTP2_CANCEL);
  }

  #usable(): Session {
    if (this.#isClosed) throw new Error(`the connection to ${this.authority} is closed`);
    if (!this.#current || isGone(this.#current)) this.#current = this.#open();
    return this.#current;
  }

  #open(): Session {
    const { sessionOptions, connectTimeoutMs = defaultConnectTimeoutMs } = this.#options;
    const http2 = connect(this.authority, { maxSessionMemory, ...sessionOptions?.() });
    const { promise: opened, resolve, reject } = Promise.withResolvers<void>();
    opened.catch(() => {}); // who asked may have gone
    const session: Session = { http2, opened, isOpen: false, isLeaving: false, users: 0, idle: undefined };
    this.#sessions.add(session);
    const late = setTimeout(() => http2.destroy(lateError(connectTimeoutMs)), connectTimeoutMs);
    http2.once("connect", () => {
      clearTimeout(late);
      session.isOpen = true;
      resolve();
    });
    // From the first moment to the last: an error that nobody hears ends the process.
    http2.on("error", (error) => reject(connectError(this.authority, error)));
    http2.on("goaway", () => this.#retire(session));
    http2.once("close", () => {
      clearTimeout(late);
      clearTimeout(session.idle);
      this.#sessions.delete(session);
      reject(connectError(this.authority, undefined));
    });
    return session;
  }

  #join(session: Session): void {
    session.users += 1;
    clearTimeout(session.idle);
  }

  /** A session that nobody uses ends: at once, where nobody will again. */
  #leave(session: Session): void {
    session.users -= 1;
    if (session.users > 0) return;
    const { idleTimeoutMs = defaultIdleTimeoutMs } = this.#options;
    if (session.isLeaving) session.http2.destroy();
    else session.idle = setTimeout(() => this.#retire(session), idleTimeoutMs).unref();
  }

  #retire(session: Session): void {
    if (this.#current === session) this.#current = undefined;
    session.isLeaving = true;
    clearTimeout(session.idle);
    if (session.users === 0) session.http2.destroy();
  }
}

/** Megabytes. The default of 10 refuses calls beside one that sends the nodes of a large cluster. */
const maxSessionMemory = 256;

function isGone({ http2, isLeaving }: Session): boolean {
  return isLeaving || http2.closed || http2.destroyed;
}

function lateError(milliseconds: number): Error {
  return Object.assign(new Error(`no connection within ${milliseconds} ms`), { code: "ETIMEDOUT" });
}

/** The system's error has no text where a name has several addresses. */
function connectError(authority: string, cause: unknown): Error {
  const { message = "it was closed", code } = Object(cause);
  return new Error(`cannot connect to ${authority}: ${message || code}`, { cause });
}

/** A stream that is closed with neither an answer nor an error: Connect would wait for its deadline. */
function failUnanswered(stream: ClientHttp2Stream): void {
  let isAnswered = false;
  stream.once("response", () => {
    isAnswered = true;
  });
  stream.on("error", () => {}); // whoever asked hears it too
  stream.once("close", () => {
    if (!isAnswered && stream.rstCode === constants.NGHTTP2_NO_ERROR)
      stream.emit("error", new Error("the stream was closed without an answer"));
  });
}
