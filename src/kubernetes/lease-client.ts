/**
 * One lease of the API: read, made, written. Its requests go before all others, and are not repeated here: whoever holds
 * a lease has to know how the time passes.
 */
import type { KubernetesApi } from "./api.ts";
import { ClusterError } from "./cluster.ts";
import { type LeaseRecord, readLease } from "./lease-record.ts";

export class LeaseClient {
  readonly name: string;
  readonly namespace: string;
  readonly #api: KubernetesApi;
  readonly #deadlineMs: number;

  constructor(api: KubernetesApi, namespace: string, name: string, deadlineMs: number) {
    this.#api = api;
    this.namespace = namespace;
    this.name = name;
    this.#deadlineMs = deadlineMs;
  }

  /** Undefined: it is not there. */
  async read(signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return await unless([404], this.#ask("GET", undefined, signal));
  }

  /** Undefined: somebody was faster. */
  async create(lease: object, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return await unless([409], this.#ask("POST", lease, signal));
  }

  /** Undefined: somebody was faster, or it is gone. */
  async update(lease: object, signal: AbortSignal): Promise<LeaseRecord | undefined> {
    return await unless([404, 409], this.#ask("PUT", lease, signal));
  }

  async #ask(method: "GET" | "POST" | "PUT", body: object | undefined, signal: AbortSignal) {
    const all = `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases`;
    const path = method === "POST" ? all : `${all}/${this.name}`;
    const deadlineMs = this.#deadlineMs;
    const request = { method, path, isUrgent: true, deadlineMs, ...(body && { body }) };
    return readLease(await this.#api.ask(request, signal));
  }
}

/** Undefined where it was refused with one of those. */
async function unless(statuses: readonly number[], answer: Promise<LeaseRecord>) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ClusterError && statuses.includes(error.status)) return undefined;
    throw error;
  }
}
