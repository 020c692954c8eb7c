/**
 * Every pod that is made in a namespace, also one that is gone before anybody looks: a watch of the API, kept open and
 * begun anew where the API server goes away.
 */
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Json } from "./api.ts";
import type { Cluster } from "./cluster.ts";

export interface MadePod {
  readonly name: string;
  readonly node: string;
  readonly image: string;
}

export interface PodRecord {
  /** In the order in which they were made. */
  readonly made: readonly MadePod[];
  stop(): void;
}

/** Those of the prepuller's namespace from now on. */
export async function recordPods({ admin, plan }: Pick<Cluster, "admin" | "plan">): Promise<PodRecord> {
  const path = `/api/v1/namespaces/${plan.prepuller.namespace}/pods`;
  const stopping = new AbortController();
  const made = new Map<string, MadePod>();

  function note({ metadata, spec }: Json) {
    if (made.has(metadata.uid)) return;
    made.set(metadata.uid, { name: metadata.name, node: spec.nodeName, image: spec.containers[0].image });
  }

  async function list(): Promise<string> {
    const { metadata, items } = await admin.get(path);
    items.forEach(note);
    return metadata.resourceVersion;
  }

  async function watch(resourceVersion: string): Promise<void> {
    const body = await admin.open(`${path}?watch=1&resourceVersion=${resourceVersion}`, stopping.signal);
    for await (const line of createInterface(body)) {
      const { type, object } = JSON.parse(line);
      if (type === "ADDED") note(object);
    }
  }

  async function goOn(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await watch(await list());
      } catch {
        await pause(100); // the API server is away
      }
    }
  }

  const first = await list(); // what is there already is another's, or a test's own
  made.clear();
  void watch(first)
    .catch(() => {})
    .then(goOn);
  return {
    get made() {
      return [...made.values()];
    },
    stop: () => stopping.abort(),
  };
}
