/**
 * The metrics of the service. Those of calls have the names that dashboards for gRPC know.
 *
 * Calls are counted in plain numbers and written out when somebody reads: a thousand people log in at once, and
 * metrics are read once a minute.
 */
import { Metrics } from "./metrics.ts";

/** What is told of a source at the moment that metrics are read. */
export interface SourceFigures {
  readonly name: string;
  readonly tags: number;
  readonly images: number;
  readonly nodes: number;
  /** Images that are wanted on every node. */
  readonly wanted: number;
  /** Of the wanted ones, those that are on every eligible node. */
  readonly prepulled: number;
  /** How many times what is known could not be saved. */
  readonly saveFailures: number;
  readonly isStale: boolean;
  /** Since the last good listing; undefined: there is none. */
  readonly ageSeconds: number | undefined;
  /** How long the last run took, good or bad; undefined: none has ended. */
  readonly refreshSeconds: number | undefined;
}

/** One method: each call is told to `started`, and then to `handled`. */
export interface MethodMetrics {
  started(): void;
  /** `code` as gRPC writes it: `OK`, `NotFound`. */
  handled(code: string, seconds: number): void;
}

export type CallKind = "unary" | "client_stream" | "server_stream" | "bidi_stream";

const prefix = "image_source";
const methodLabels = ["grpc_type", "grpc_service", "grpc_method"] as const;

/** From an answer out of memory to one that a registry of many pages is listed for. */
const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export class ServerMetrics {
  readonly #metrics = new Metrics();
  readonly #started = this.#metrics.counter(
    "grpc_server_started_total",
    "Calls that were begun.",
    methodLabels,
  );
  readonly #handled = this.#metrics.counter(
    "grpc_server_handled_total",
    "Calls that have ended, by their code.",
    [...methodLabels, "grpc_code"],
  );
  readonly #seconds = this.#metrics.callHistogram(
    "grpc_server_handling_seconds",
    "How long calls took, until their answer was given.",
    buckets,
    methodLabels,
  );
  readonly #requests = this.#metrics.counter(
    `${prefix}_registry_requests_total`,
    "Requests to registries and their token endpoints, by the status of the answer; failed where there was none.",
    ["host", "outcome"],
  );
  readonly #tags = this.#gauge("tags", "Tags of the last good listing, after the filter by cycle.");
  readonly #images = this.#gauge("images", "Of the tags, those whose digest is known.");
  readonly #nodes = this.#gauge("nodes", "Eligible nodes of the node cache.");
  readonly #wanted = this.#gauge("images_wanted", "Images that every node should hold.");
  readonly #prepulled = this.#gauge(
    "images_prepulled",
    "Of the wanted images, those that every eligible node holds.",
  );
  readonly #saveFailures = this.#metrics.counter(
    `${prefix}_state_write_failures_total`,
    "How often what is known could not be written to the state directory.",
    ["source"],
  );
  readonly #stale = this.#gauge(
    "stale",
    "1 where the registry could not be listed as it should have been; else 0.",
  );
  readonly #age = this.#gauge("listing_age_seconds", "How long ago the last good listing was made.");
  readonly #refresh = this.#gauge("refresh_duration_seconds", "How long the last listing took, good or bad.");
  readonly #write: (() => void)[] = [];
  readonly #read: () => readonly SourceFigures[];

  /** `read` is asked whenever metrics are. */
  constructor(read: () => readonly SourceFigures[]) {
    this.#read = read;
  }

  /** The metrics of one method, once for each: every one makes series of its own. */
  method(kind: CallKind, service: string, method: string): MethodMetrics {
    const labels = { grpc_type: kind, grpc_service: service, grpc_method: method };
    let begun = 0;
    const ended = new Map<string, number>();
    const took = this.#seconds.series(labels);
    this.#write.push(() => {
      this.#started.inc(labels, begun);
      for (const [code, count] of ended) this.#handled.inc({ ...labels, grpc_code: code }, count);
    });
    return {
      started: () => {
        begun += 1;
      },
      handled: (code, seconds) => {
        ended.set(code, (ended.get(code) ?? 0) + 1);
        took(seconds);
      },
    };
  }

  /** `host` is undefined for one that was not configured: those are counted together, as a registry may name any. */
  registryRequest(host: string | undefined, outcome: string): void {
    this.#requests.inc({ host: host ?? "other", outcome });
  }

  text(): Promise<string> {
    this.#started.reset();
    this.#handled.reset();
    for (const write of this.#write) write();
    for (const metric of [this.#age, this.#refresh, this.#saveFailures]) metric.reset();
    for (const { name: source, isStale, ageSeconds, refreshSeconds, ...counts } of this.#read()) {
      this.#tags.set({ source }, counts.tags);
      this.#images.set({ source }, counts.images);
      this.#nodes.set({ source }, counts.nodes);
      this.#wanted.set({ source }, counts.wanted);
      this.#prepulled.set({ source }, counts.prepulled);
      this.#saveFailures.inc({ source }, counts.saveFailures);
      this.#stale.set({ source }, isStale ? 1 : 0);
      if (ageSeconds !== undefined) this.#age.set({ source }, ageSeconds);
      if (refreshSeconds !== undefined) this.#refresh.set({ source }, refreshSeconds);
    }
    return this.#metrics.text();
  }

  #gauge(name: string, help: string) {
    return this.#metrics.gauge(`${prefix}_${name}`, help, ["source"]);
  }
}
