/**
 * A Kubernetes API for tests, on a real socket: nodes, pods and leases, with the faults that a test wants. It does nothing
 * by time or chance, but that a kubelet takes a new pod a moment after it was made; and it keeps every request.
 *
 * How it behaves is held against a real API server by `test/kubernetes/requests-suite.ts`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { Faults, misbehave, type Replying, type What } from "./kubernetes-faults.ts";
import { type Kubelet, podOnNode, promptKubelet } from "./kubernetes-kubelet.ts";
import { type NodeParts, nodeJson } from "./kubernetes-objects.ts";
import { type ApiCall, Routes, readCall, sendStatus } from "./kubernetes-routes.ts";
import { RestartableServer, type ServerTls } from "./kubernetes-server.ts";
import { type Json, KubernetesStore, Refusal, type Resource } from "./kubernetes-store.ts";
import { type OpenWatch, Watches } from "./kubernetes-watches.ts";

export interface FakeKubernetesOptions {
  /** Where the pods and leases are that methods name without a namespace. */
  readonly namespace?: string;
  /** The only bearer token that is accepted; absent: nobody is asked for one. */
  readonly token?: string;
  readonly tls?: ServerTls;
  /** Below which the API is: `/k8s/clusters/c-1`. */
  readonly path?: string;
  /** What the kubeconfig's user has, besides nothing. */
  readonly user?: object;
  /** What the kubeconfig's cluster has, besides its server. */
  readonly cluster?: object;
}

export interface FakeKubernetes {
  readonly url: string;
  readonly namespace: string;
  /** Path of a kubeconfig for it. */
  readonly kubeconfig: string;
  /** What is in it, to read or to change without anybody's request. */
  readonly store: KubernetesStore;
  /** All that were made so far. */
  readonly requests: readonly ApiCall[];
  /** What happens to new pods from now on. */
  kubelet: Kubelet;
  /** The token that is accepted from now on. */
  token: string | undefined;

  addNode(parts: NodeParts): Json;
  changeNode(name: string, change: (node: Json) => void): void;
  removeNode(name: string): void;
  /** All pods, in the order of their names. */
  pods(): Json[];
  changePod(name: string, change: (pod: Json) => void): void;
  removePod(name: string): void;
  lease(name: string): Json | undefined;

  count(what: What): number;
  /** Waits until so many of those requests have come. */
  arrival(what: What, count: number): Promise<void>;
  watches(resource: Resource): OpenWatch[];
  /** The most watches that were open at once. */
  mostWatches(resource: Resource): number;
  /** Waits until no watch is open. */
  allWatchesClosed(): Promise<void>;
  /** The next such requests are answered so, one after the other. */
  fail(what: What, ...replies: Replying[]): void;
  /** All such requests are answered so. Gives the way to stop. */
  always(what: What, reply: Replying): () => void;
  /** The past is forgotten: watches and lists cannot go on from it. */
  compact(): void;
  /** The server is gone, with all its connections; what it keeps stays. */
  stop(): Promise<void>;
  /** It is back, on the same port. */
  start(): Promise<void>;
  /** Number of connections that are open, and that ever were. */
  connections(): number;
  opened(): number;
  /** Serial numbers of the certificates that clients have shown, each once. */
  certificates(): string[];
  close(): Promise<void>;
}

export async function fakeKubernetes(options: FakeKubernetesOptions = {}): Promise<FakeKubernetes> {
  const { namespace = "prepuller", path = "" } = options;
  const store = new KubernetesStore();
  const watches = new Watches(store);
  const routes = new Routes(store, watches);
  const faults = new Faults();
  const requests: ApiCall[] = [];
  const counts = new Map<What, number>();
  const waiting = new Set<() => void>();
  const directory = mkdtempSync(join(tmpdir(), "kubernetes-"));
  const server = new RestartableServer(listener, options.tls);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { method = "", url = "", headers } = request;
    const below = url.startsWith(path) ? url.slice(path.length) : "/";
    const call = readCall(method, below, headers, body && JSON.parse(body));
    if (!call) throw new Refusal(404, "NotFound", "the server could not find the requested resource");
    requests.push(call);
    const what: What = `${call.verb} ${call.resource}`;
    counts.set(what, (counts.get(what) ?? 0) + 1);
    for (const look of [...waiting]) look();
    if (fake.token !== undefined && headers.authorization !== `Bearer ${fake.token}`)
      throw new Refusal(401, "Unauthorized", "Unauthorized");
    const reply = faults.take(call);
    if (reply === "answer") routes.answer(call, response);
    else if (reply === "done, then reset") {
      response.end = () => response.destroy();
      routes.answer(call, response);
    } else misbehave(reply, response);
  }

  function listener(request: IncomingMessage, response: ServerResponse): void {
    response.on("error", () => {});
    answer(request, response).catch((error) => {
      if (response.headersSent || response.destroyed) return;
      const refusal = error instanceof Refusal ? error : new Refusal(500, "InternalError", String(error));
      sendStatus(response, refusal);
    });
  }

  store.onChange(({ resource, before, after }) => {
    if (resource === "leases" && before && !after) removeOwned(store, before.json.metadata.uid);
    if (resource !== "pods" || before || !after) return;
    setImmediate(() => {
      if (store.find("nodes", after.json.spec.nodeName)) fake.kubelet(podOnNode(after.json, store));
    });
  });

  const fake: FakeKubernetes = {
    get url() {
      return `${server.origin}${path}`;
    },
    namespace,
    kubeconfig: join(directory, "kubeconfig"),
    store,
    requests,
    kubelet: promptKubelet,
    token: options.token,
    addNode: (parts) => store.create("nodes", nodeJson(parts)),
    changeNode: (name, change) => void store.change("nodes", name, change),
    removeNode: (name) => void store.delete("nodes", name),
    pods: () => store.all("pods").map(({ json }) => json),
    changePod: (name, change) => void store.change("pods", `${namespace}/${name}`, change),
    removePod: (name) => void store.delete("pods", `${namespace}/${name}`),
    lease: (name) => store.find("leases", `${namespace}/${name}`),
    count: (what) => counts.get(what) ?? 0,
    arrival: (what, count) =>
      new Promise((resolve) => {
        const look = () => {
          if (fake.count(what) < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    watches: (resource) => watches.of(resource),
    mostWatches: (resource) => watches.most[resource],
    allWatchesClosed: () => watches.allClosed(),
    fail: (what, ...replies) => faults.add(what, replies),
    always: (what, reply) => faults.always(what, reply),
    compact() {
      store.compact();
      routes.expirePages();
    },
    stop: () => server.stop(),
    start: () => server.start(),
    connections: () => server.connections,
    opened: () => server.opened,
    certificates: () => [...server.certificates],
    async close() {
      rmSync(directory, { recursive: true, force: true });
      await fake.stop();
    },
  };
  await fake.start();
  writeFileSync(fake.kubeconfig, JSON.stringify(kubeconfig(fake, options), undefined, 2));
  return fake;
}

function removeOwned(store: KubernetesStore, uid: string): void {
  for (const { json } of store.all("pods")) {
    const { namespace, name, ownerReferences = [] } = json.metadata;
    if (ownerReferences.some((owner: Json) => owner.uid === uid))
      store.delete("pods", `${namespace}/${name}`);
  }
}

function kubeconfig({ url, namespace, token }: FakeKubernetes, options: FakeKubernetesOptions): object {
  const cluster = { server: url, ...(options.tls ? {} : { "insecure-skip-tls-verify": true }) };
  const user = { ...(token && { token }), ...options.user };
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "tests",
    clusters: [{ name: "tests", cluster: { ...cluster, ...options.cluster } }],
    users: [{ name: "tests", user }],
    contexts: [{ name: "tests", context: { cluster: "tests", user: "tests", namespace } }],
  };
}
