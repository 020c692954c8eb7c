/**
 * Requests of the Kubernetes API that the fake one understands, and what it answers by itself: nodes, pods and leases as
 * the API server has them, without defaults, admission or rights.
 */
import type { ServerResponse } from "node:http";
import { selectorOf } from "./kubernetes-selectors.ts";
import { type Json, type KubernetesStore, Refusal, type Resource, type Stored } from "./kubernetes-store.ts";
import { expired, typeOf, type Watches, withType } from "./kubernetes-watches.ts";

export type Verb = "list" | "watch" | "get" | "create" | "update" | "delete";

export interface ApiCall {
  readonly verb: Verb;
  readonly resource: Resource;
  /** Undefined: of all namespaces, or of none. */
  readonly namespace: string | undefined;
  /** Empty: of all of them. */
  readonly name: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Json;
}

const path =
  /^\/(?:api\/v1|apis\/coordination\.k8s\.io\/v1)(?:\/namespaces\/([^/]+))?\/(nodes|pods|leases)(?:\/([^/]+))?$/;
const verbs: Readonly<Record<string, Verb>> = { POST: "create", PUT: "update", DELETE: "delete" };

/** Undefined: it is none that is understood. */
export function readCall(
  method: string,
  url: string,
  headers: ApiCall["headers"],
  body: Json,
): ApiCall | undefined {
  const { pathname, searchParams: query } = new URL(url, "http://fake");
  const [, namespace, resource, name = ""] = path.exec(pathname) ?? [];
  if (!resource) return undefined;
  const isWatch = ["1", "true"].includes(query.get("watch") ?? "");
  const reads: Verb = name ? "get" : isWatch ? "watch" : "list";
  const verb = method === "GET" ? reads : verbs[method];
  if (!verb) return undefined;
  return { verb, resource: resource as Resource, namespace, name, path: pathname, query, headers, body };
}

export class Routes {
  readonly #store: KubernetesStore;
  readonly #watches: Watches;
  /** Rest of the lists that are read in pages, by their tokens. */
  readonly #pages = new Map<string, { readonly rest: Stored[]; readonly version: string }>();
  #tokens = 0;

  constructor(store: KubernetesStore, watches: Watches) {
    this.#store = store;
    this.#watches = watches;
  }

  /** From now on the rest of a list is not to be had any more: `410 Gone`. */
  expirePages(): void {
    this.#pages.clear();
  }

  /** Fails with `Refusal`. */
  answer(call: ApiCall, response: ServerResponse): void {
    const { verb, resource, query } = call;
    if (verb !== "watch") {
      const text = this.#text(call); // may fail, before anything is answered
      const code = verb === "create" ? 201 : 200;
      response.writeHead(code, { "content-type": "application/json" }).end(text);
      return;
    }
    this.#store.since(resource, Number(query.get("resourceVersion"))); // refused before it is begun
    this.#watches.open(resource, query, this.#selector(call), response);
  }

  #text(call: ApiCall): string {
    if (call.verb === "list") return this.#list(call);
    return withType(call.resource, JSON.stringify(this.#object(call)));
  }

  #object({ verb, resource, namespace, name, body }: ApiCall): Json {
    const store = this.#store;
    const key = namespace ? `${namespace}/${name}` : name;
    switch (verb) {
      case "create": {
        const metadata = { ...body.metadata, ...(namespace && { namespace }) };
        const status = resource === "pods" ? { phase: "Pending", ...body.status } : body.status;
        return store.create(resource, { ...body, metadata, ...(status && { status }) });
      }
      case "update": {
        const metadata = { ...body.metadata, ...(namespace && { namespace }) };
        return store.update(resource, key, { ...body, metadata });
      }
      case "delete":
        return store.delete(resource, key, body?.preconditions?.uid);
      default:
        return store.get(resource, key);
    }
  }

  #selector({ query, namespace }: ApiCall) {
    const selects = selectorOf(query);
    return (json: Json) => (!namespace || json.metadata.namespace === namespace) && selects(json);
  }

  #list(call: ApiCall): string {
    const { kind, apiVersion } = typeOf[call.resource];
    const { items, version, next, left } = this.#page(call);
    const more = next ? { continue: next, remainingItemCount: left } : {};
    const metadata = JSON.stringify({ resourceVersion: version, ...more });
    const texts = items.map(({ text }) => text).join(",");
    return `{"kind":"${kind}List","apiVersion":"${apiVersion}","metadata":${metadata},"items":[${texts}]}`;
  }

  #page(call: ApiCall) {
    const { resource, query } = call;
    const limit = Number(query.get("limit") ?? 0) || Number.POSITIVE_INFINITY;
    const token = query.get("continue");
    const known = token ? this.#pages.get(token) : undefined;
    if (token && !known) throw new Refusal(410, "Expired", expired.message);
    const selects = this.#selector(call);
    const all = known?.rest ?? this.#store.all(resource).filter(({ json }) => selects(json));
    const version = known?.version ?? String(this.#store.version);
    const rest = all.slice(limit);
    if (rest.length === 0) return { items: all, version };
    const next = `page-${++this.#tokens}`;
    this.#pages.set(next, { rest, version });
    return { items: all.slice(0, limit), version, next, left: rest.length };
  }
}

export function sendStatus(response: ServerResponse, { code, reason, message }: Refusal): void {
  const status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code };
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(status));
}
