/**
 * The requests that the prepuller makes, on a real API server with the rights of `deploy/prepuller/rbac.yaml`.
 *
 * On a control plane of its own: its nodes are made up, and the API server is started anew in the middle.
 */
import { requestsSuite } from "../kubernetes/requests-suite.ts";
import { startControlPlane } from "./support/control-plane.ts";

requestsSuite(async () => {
  const plane = await startControlPlane();
  const { admin, kubeconfigs, plan } = plane;
  const { namespace } = plan.prepuller;
  const patched = "application/merge-patch+json";
  return {
    kubeconfig: kubeconfigs.prepuller,
    adminKubeconfig: kubeconfigs.admin,
    namespace,
    addNode: (node) => admin.create("/api/v1/nodes", node),
    changeNode: (name, change) => admin.patch(`/api/v1/nodes/${name}`, change),
    removeNode: (name) => admin.remove(`/api/v1/nodes/${name}`),
    removeLease: (name) =>
      admin.remove(`/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/${name}`),
    async setPodStatus(name, status) {
      await admin.ask("PATCH", `/api/v1/namespaces/${namespace}/pods/${name}/status`, { status }, patched);
    },
    async forget() {
      // The history is in its memory.
      await plane.apiServer.kill();
      await plane.apiServer.start();
    },
    stop: () => plane.stop(),
  };
});
