/**
 * Encoded replies, kept by method and request bytes until what they were made from moves. Knows nothing of what they say.
 */
import { LRUCache } from "lru-cache";

export interface ReplyCacheOptions {
  /** Moves whenever any answer could have changed. */
  readonly epoch: () => number;
  /** Of all replies and the requests they are kept by. */
  readonly maxBytes?: number;
}

/** The replies of one method, framed. */
export interface MethodReplies {
  get(request: Buffer): Buffer | undefined;
  /** Only with a reply that was made without waiting: what it was made from has not moved since. */
  set(request: Buffer, reply: Buffer): void;
}

/** Whoever asks in more bytes than these asks something that nobody else does. */
const maxRequestBytes = 1_024;
const maxReplies = 10_000;
/** What an entry takes beside its bytes. */
const overheadBytes = 200;

export class ReplyCache {
  readonly #epoch: () => number;
  readonly #replies: LRUCache<string, Buffer>;
  #madeAt: number;

  constructor({ epoch, maxBytes = 64 * 1024 * 1024 }: ReplyCacheOptions) {
    this.#epoch = epoch;
    this.#madeAt = epoch();
    this.#replies = new LRUCache({
      max: maxReplies,
      maxSize: maxBytes,
      sizeCalculation: (reply, key) => reply.length + key.length + overheadBytes,
    });
  }

  of(method: string): MethodReplies {
    const keyOf = (request: Buffer) => `${method} ${request.toString("latin1")}`;
    return {
      get: (request) => {
        this.#forget();
        return request.length > maxRequestBytes ? undefined : this.#replies.get(keyOf(request));
      },
      set: (request, reply) => {
        this.#forget();
        if (request.length <= maxRequestBytes) this.#replies.set(keyOf(request), reply);
      },
    };
  }

  #forget(): void {
    const epoch = this.#epoch();
    if (epoch === this.#madeAt) return;
    this.#madeAt = epoch;
    this.#replies.clear();
  }
}
