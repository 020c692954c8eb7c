/**
 * The open watches of the fake Kubernetes API, and what a test can do to them.
 */
import type { ServerResponse } from "node:http";
import type { Selector } from "./kubernetes-selectors.ts";
import type { Change, Json, KubernetesStore, Resource, Stored } from "./kubernetes-store.ts";

export interface OpenWatch {
  readonly resource: Resource;
  readonly query: URLSearchParams;
  /** Sends anything, as a line. */
  send(line: string): void;
  bookmark(): void;
  /** Ends it in order, as the API server does after a while. */
  end(): void;
  /** Ends it in the middle, with its connection. */
  reset(): void;
  /** Says nothing any more, with the connection kept. */
  silence(): void;
  /** Says `410 Gone`, as an event, and ends it. */
  expire(): void;
}

export class Watches {
  readonly #store: KubernetesStore;
  readonly #open = new Set<OpenWatch>();
  readonly #waiting = new Set<() => void>();
  /** The most that were open at once. */
  readonly most: Record<Resource, number> = { nodes: 0, pods: 0, leases: 0 };

  constructor(store: KubernetesStore) {
    this.#store = store;
  }

  of(resource: Resource): OpenWatch[] {
    return [...this.#open].filter((watch) => watch.resource === resource);
  }

  allClosed(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#open.size > 0) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Answers a watch, for as long as it goes on. */
  open(resource: Resource, query: URLSearchParams, selects: Selector, response: ServerResponse): OpenWatch {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    const store = this.#store;
    let isSilent = false;
    const write = (line: string) => void (isSilent || response.write(`${line}\n`));
    const send = (change: Change) => {
      const line = change.resource === resource && lineOf(change, selects);
      if (line) write(line);
    };
    const stop = store.onChange(send);
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const timer = seconds > 0 ? setTimeout(() => response.end(), seconds * 1_000) : undefined;
    const watch: OpenWatch = {
      resource,
      query,
      send: write,
      bookmark() {
        if (query.get("allowWatchBookmarks") !== "true") return;
        const metadata = { resourceVersion: String(store.version) };
        write(JSON.stringify({ type: "BOOKMARK", object: { ...typeOf[resource], metadata } }));
      },
      end: () => void response.end(),
      reset: () => void response.destroy(),
      silence() {
        isSilent = true;
      },
      expire() {
        write(JSON.stringify({ type: "ERROR", object: expired }));
        response.end();
      },
    };
    this.#open.add(watch);
    this.most[resource] = Math.max(this.most[resource], this.of(resource).length);
    response.on("close", () => {
      stop();
      clearTimeout(timer);
      this.#open.delete(watch);
      for (const look of [...this.#waiting]) look();
    });
    for (const change of store.since(resource, Number(query.get("resourceVersion")))) send(change);
    return watch;
  }
}

export const expired = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: "too old resource version: 1 (2)",
  reason: "Expired",
  code: 410,
};

export const typeOf: Readonly<Record<Resource, Json>> = {
  nodes: { kind: "Node", apiVersion: "v1" },
  pods: { kind: "Pod", apiVersion: "v1" },
  leases: { kind: "Lease", apiVersion: "coordination.k8s.io/v1" },
};

/** What is told of a change to those who select only some: what begins or ceases to be selected comes and goes. */
function lineOf({ resource, version, before, after }: Change, selects: Selector): string | undefined {
  const was = before !== undefined && selects(before.json);
  const is = after !== undefined && selects(after.json);
  if (after && is) return event(was ? "MODIFIED" : "ADDED", resource, after);
  if (!before || !was) return undefined;
  const resourceVersion = String(version);
  const metadata = { ...before.json.metadata, resourceVersion };
  return JSON.stringify({ type: "DELETED", object: { ...typeOf[resource], ...before.json, metadata } });
}

function event(type: string, resource: Resource, { text }: Stored): string {
  return `{"type":"${type}","object":${withType(resource, text)}}`;
}

export function withType(resource: Resource, text: string): string {
  const { kind, apiVersion } = typeOf[resource];
  return `{"kind":"${kind}","apiVersion":"${apiVersion}",${text.slice(1)}`;
}
