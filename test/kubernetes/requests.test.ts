/** The requests that we make, on the fake Kubernetes API. `test/cluster/requests.test.ts` has them on a real one. */
import { fakeKubernetes } from "../support/kubernetes-api.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { requestsSuite } from "./requests-suite.ts";

requestsSuite(async () => {
  const fake = await fakeKubernetes();
  fake.kubelet = () => {};
  const { store, namespace } = fake;
  fake.always("list pods", ({ namespace, query }) => {
    if (namespace || query.has("fieldSelector")) return "answer";
    return { status: 403, reason: "Forbidden", message: "pods is forbidden: no such right" };
  });
  return {
    kubeconfig: fake.kubeconfig,
    adminKubeconfig: fake.kubeconfig,
    namespace,
    addNode: async (node) => store.create("nodes", node),
    changeNode: async (name, change) => store.change("nodes", name, (node) => merge(node, change)),
    removeNode: async (name) => fake.removeNode(name),
    removeLease: async (name) => void store.delete("leases", `${namespace}/${name}`),
    setPodStatus: async (name, status) =>
      fake.changePod(name, (pod) => merge(pod, { status: { ...status } })),
    forget: async () => fake.compact(),
    stop: () => fake.close(),
  };
});

function merge(json: Json, change: Json): void {
  for (const [name, value] of Object.entries<Json>(change)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      json[name] ??= {};
      merge(json[name], value);
    } else json[name] = value;
  }
}
