/**
 * Keeps a feed as the API server has it: lists, then watches from there, and lists again whenever the watch cannot go
 * on. One list or one watch at a time.
 */
import { type BackOff, backOffMs } from "../async/back-off.ts";
import type { Clock } from "../async/clock.ts";
import type { Logger } from "../observability/logger.ts";
import type { KubernetesApi } from "./api.ts";
import { refusal } from "./api-error.ts";
import { ClusterError } from "./cluster.ts";
import { object, text } from "./json.ts";
import { type ListRequest, listAll } from "./lists.ts";
import { Outage } from "./outage.ts";
import { isPassing, waitMs } from "./persistence.ts";
import type { ResourceFeed } from "./resource-feed.ts";
import { unlessSilent } from "./silence.ts";
import { type WatchEvent, watchEvents } from "./watch-events.ts";

export interface FeedSource<T> extends ListRequest {
  /** For messages: "nodes". */
  readonly what: string;
  /** Undefined where it is no such thing. */
  readonly read: (item: unknown) => T | undefined;
}

export interface FeedParts {
  readonly api: KubernetesApi;
  readonly log: Logger;
  readonly clock: Clock;
}

type WatchEnd = "closed" | "expired" | "silent";

const backOff: BackOff = { firstMs: 1_000, maxMs: 30_000 };
/** The API server sends a bookmark every minute; who hears nothing for so long hears a dead connection. */
export const maxSilenceMs = 300_000;
// Before the silence, so that a watch ends in order. The API server's own choice is 30 to 60 minutes.
const watchSeconds = { min: 240, max: 290 };
/** A watch that ends sooner, and told nothing, is as good as a failure: begun at once it would be begun without end. */
const shortMs = 5_000;
/** What fails so often from one place on is not worth going on with. */
const maxWatchFailures = 5;

export class FeedLoop<T extends { readonly name: string }> {
  readonly #feed: ResourceFeed<T>;
  readonly #source: FeedSource<T>;
  readonly #parts: FeedParts;
  readonly #outage: Outage;
  readonly #complaints = new Set<string>();
  /** Where a watch goes on. */
  #version = "";
  /** When the last message came, and how many have come. */
  #heard = 0;
  #messages = 0;

  constructor(feed: ResourceFeed<T>, source: FeedSource<T>, parts: FeedParts) {
    this.#feed = feed;
    this.#source = source;
    this.#parts = parts;
    this.#outage = new Outage(`read ${source.what}`, parts.log);
  }

  /** Goes on until the signal is aborted, and rejects with its reason. */
  async run(signal: AbortSignal): Promise<never> {
    for (let vain = 0; ; ) {
      try {
        await this.#list(signal);
        const messages = this.#messages;
        await this.#watch(signal);
        // Lists that no watch goes on from must not follow each other at once.
        vain = this.#messages === messages ? vain + 1 : 0;
        if (vain > 1) await this.#parts.clock.sleep(this.#backOffMs(vain), signal);
      } catch (error) {
        signal.throwIfAborted();
        await this.#pause(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { api, clock } = this.#parts;
    const began = clock.now();
    const items = new Map<string, T>();
    this.#version = await listAll(
      api,
      this.#source,
      (value) => {
        const item = this.#read(value);
        if (item) items.set(item.name, item);
      },
      signal,
    );
    this.#heard = clock.now();
    this.#feed.replace(items, began);
  }

  /** Watches, again and again, until a new list is needed. */
  async #watch(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts;
    const silence = { limitMs: maxSilenceMs, lastHeard: () => this.#heard, clock };
    for (let failures = 0; failures < maxWatchFailures; ) {
      const began = clock.now();
      const messages = this.#messages;
      let failure: unknown;
      try {
        const end = await unlessSilent(silence, (limited) => this.#watchOnce(limited), signal);
        if (end !== "closed") {
          log.debug(`lists ${this.#source.what} again: the watch is ${end}`);
          return;
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!isPassing(error)) throw error;
        failure = error;
      }
      const isShort = this.#messages === messages && clock.now() - began < shortMs;
      failures = failure !== undefined || isShort ? failures + 1 : 0;
      if (failure !== undefined) await this.#pause(failure, signal);
      else if (isShort) await clock.sleep(this.#backOffMs(failures), signal);
    }
  }

  async #watchOnce(signal: AbortSignal): Promise<WatchEnd> {
    const { api, clock } = this.#parts;
    const { path, query } = this.#source;
    const { min, max } = watchSeconds;
    const watch = {
      watch: "1",
      allowWatchBookmarks: "true",
      resourceVersion: this.#version,
      timeoutSeconds: String(Math.round(min + (max - min) * clock.random())),
    };
    try {
      const body = await api.open({ method: "GET", path, query: { ...query, ...watch } }, signal);
      this.#outage.over(); // not before: lists without a watch would follow each other without end
      for await (const event of watchEvents(body)) {
        if (!event) this.#complain("a line that is no event");
        else if (event.type === "ERROR") return this.#failed(event);
        else this.#take(event);
      }
      return "closed";
    } catch (error) {
      if (error instanceof ClusterError && error.status === 410) return "expired";
      throw error;
    }
  }

  #take({ type, object: value }: WatchEvent): void {
    this.#heard = this.#parts.clock.now();
    this.#messages += 1;
    const { resourceVersion } = object(value.metadata);
    if (text(resourceVersion) !== "") this.#version = text(resourceVersion);
    if (type === "ADDED" || type === "MODIFIED") {
      const item = this.#read(value);
      if (item) this.#feed.put(item);
    } else if (type === "DELETED") {
      const item = this.#read(value);
      if (item) this.#feed.remove(item.name);
    } else if (type !== "BOOKMARK") {
      this.#complain(`an event of type ${JSON.stringify(type.slice(0, 50))}`);
    }
    this.#feed.seen(this.#heard);
  }

  /** What goes wrong in the middle of a watch comes as an event of an answer that is a success. */
  #failed({ object: status }: WatchEvent): never {
    const asked = { method: "GET", path: this.#source.path };
    const code = typeof status.code === "number" ? status.code : 500;
    throw refusal(asked, { status: code, retryAfter: "", body: JSON.stringify(status) });
  }

  #read(value: unknown): T | undefined {
    const item = this.#source.read(value);
    if (!item) this.#complain("something without a name");
    return item;
  }

  /** Once each: a server that does so once does so all the time. */
  #complain(about: string): void {
    if (this.#complaints.has(about)) return;
    this.#complaints.add(about);
    this.#parts.log.warn(`skips what it does not understand among ${this.#source.what}: ${about}`);
  }

  #backOffMs(failures: number): number {
    return backOffMs(backOff, failures, this.#parts.clock.random());
  }

  async #pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    this.#outage.failed(error);
    await clock.sleep(waitMs(error, this.#outage.failures, clock, backOff), signal);
  }
}
