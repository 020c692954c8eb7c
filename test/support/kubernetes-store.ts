/**
 * What a fake Kubernetes API keeps: objects with their versions, and what happened to them, as etcd does. Knows nothing of
 * HTTP, and of nodes, pods and leases only what the API server itself does with them.
 */
import { randomUUID } from "node:crypto";

/** An object of Kubernetes; a test knows what it looks for. */
// biome-ignore lint/suspicious/noExplicitAny: generated types of the whole API would be more than the tests
export type Json = any;

export type Resource = "nodes" | "pods" | "leases";

/** A `Status` that is no success. */
export class Refusal extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.code = code;
    this.reason = reason;
  }
}

export interface Stored {
  readonly json: Json;
  /** The same as text, made once. */
  readonly text: string;
}

export interface Change {
  readonly resource: Resource;
  readonly version: number;
  /** Undefined: it was not there; it is gone. */
  readonly before: Stored | undefined;
  readonly after: Stored | undefined;
}

const singular: Readonly<Record<Resource, string>> = { nodes: "node", pods: "pod", leases: "lease" };
const fullNames: Readonly<Record<Resource, string>> = {
  nodes: "nodes",
  pods: "pods",
  leases: "leases.coordination.k8s.io",
};

export class KubernetesStore {
  readonly #objects = { nodes: new Map<string, Stored>(), pods: new Map(), leases: new Map() } as Record<
    Resource,
    Map<string, Stored>
  >;
  readonly #listeners = new Set<(change: Change) => void>();
  #history: Change[] = [];
  /** What happened before is forgotten. */
  #oldest = 0;
  version = 1;

  /** In the order of their names, as etcd has them. */
  all(resource: Resource): Stored[] {
    const entries = [...this.#objects[resource]];
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, stored]) => stored);
  }

  find(resource: Resource, key: string): Json | undefined {
    return this.#objects[resource].get(key)?.json;
  }

  get(resource: Resource, key: string): Json {
    const json = this.find(resource, key);
    if (!json) throw new Refusal(404, "NotFound", `${fullNames[resource]} "${nameIn(key)}" not found`);
    return json;
  }

  create(resource: Resource, json: Json): Json {
    const key = keyOf(json);
    if (this.find(resource, key)) {
      const message = `${fullNames[resource]} "${json.metadata.name}" already exists`;
      throw new Refusal(409, "AlreadyExists", message);
    }
    const creationTimestamp = new Date().toISOString().replace(/\.\d+/, "");
    const metadata = { uid: randomUUID(), creationTimestamp, ...json.metadata };
    return this.#put(resource, key, { ...json, metadata });
  }

  /** Only where its version is the one that is there; an object without a version is not asked for one. */
  update(resource: Resource, key: string, json: Json): Json {
    const { resourceVersion, uid } = json.metadata;
    const name = `${fullNames[resource]} "${nameIn(key)}"`;
    // A lease that is written and not there is made, unless it is a certain one.
    if (resource === "leases" && !this.find(resource, key)) {
      if (uid) throw preconditionFailed(name, uid, "");
      return this.create(resource, json);
    }
    const { metadata } = this.get(resource, key);
    if (uid && uid !== metadata.uid) throw preconditionFailed(name, uid, metadata.uid);
    if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
      const why =
        "the object has been modified; please apply your changes to the latest version and try again";
      throw new Refusal(409, "Conflict", `Operation cannot be fulfilled on ${name}: ${why}`);
    }
    const { creationTimestamp } = metadata;
    return this.#put(resource, key, {
      ...json,
      metadata: { ...json.metadata, uid: metadata.uid, creationTimestamp },
    });
  }

  /** Changes a copy of it, and puts that in its place. */
  change(resource: Resource, key: string, change: (json: Json) => void): Json {
    const json = structuredClone(this.get(resource, key));
    change(json);
    const isGone = json.metadata.deletionTimestamp && !json.metadata.finalizers?.length;
    if (isGone) return this.#drop(resource, key);
    return this.#put(resource, key, json);
  }

  /** At once, but for what has finalizers: that is marked only. */
  delete(resource: Resource, key: string, uid?: string): Json {
    const { metadata } = this.get(resource, key);
    const name = `${fullNames[resource]} "${nameIn(key)}"`;
    if (uid !== undefined && uid !== metadata.uid) throw preconditionFailed(name, uid, metadata.uid);
    if (!metadata.finalizers?.length) return this.#drop(resource, key);
    return this.change(resource, key, (json) => {
      json.metadata.deletionTimestamp ??= new Date().toISOString();
    });
  }

  /** What happened after a version. Fails with 410 where that is forgotten. */
  since(resource: Resource, version: number): Change[] {
    if (version < this.#oldest) {
      const message = `too old resource version: ${version} (${this.#oldest})`;
      throw new Refusal(410, "Expired", message);
    }
    return this.#history.filter((change) => change.resource === resource && change.version > version);
  }

  /** Forgets what happened until now. */
  compact(): void {
    this.#history = [];
    this.#oldest = ++this.version;
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #put(resource: Resource, key: string, json: Json): Json {
    const version = ++this.version;
    const metadata = { ...json.metadata, resourceVersion: String(version) };
    const { kind: _, apiVersion: __, ...rest } = json;
    const stored = storedOf({ ...rest, metadata });
    const before = this.#objects[resource].get(key);
    this.#objects[resource].set(key, stored);
    this.#tell({ resource, version, before, after: stored });
    return stored.json;
  }

  #drop(resource: Resource, key: string): Json {
    const version = ++this.version;
    const before = this.#objects[resource].get(key);
    if (!before) throw new Error(`there is no ${singular[resource]} ${key}`);
    this.#objects[resource].delete(key);
    // What is gone is told with the version of its end.
    const metadata = { ...before.json.metadata, resourceVersion: String(version) };
    const last = storedOf({ ...before.json, metadata });
    this.#tell({ resource, version, before: last, after: undefined });
    return last.json;
  }

  #tell(change: Change): void {
    this.#history.push(change);
    if (this.#history.length > maxHistory) this.#forgetHalf();
    for (const listener of this.#listeners) listener(change);
  }

  #forgetHalf(): void {
    const [last] = this.#history.splice(0, maxHistory / 2).slice(-1);
    this.#oldest = last?.version ?? 0;
  }
}

/** Thousands of nodes are made at once. */
const maxHistory = 20_000;

export function keyOf({ metadata: { namespace, name } }: Json): string {
  return namespace ? `${namespace}/${name}` : name;
}

function nameIn(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}

function storedOf(json: Json): Stored {
  return { json, text: JSON.stringify(json) };
}

function preconditionFailed(name: string, uid: string, other: string): Refusal {
  const message = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${other}`;
  return new Refusal(409, "Conflict", `Operation cannot be fulfilled on ${name}: ${message}`);
}
