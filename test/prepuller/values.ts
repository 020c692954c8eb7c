/**
 * Values of the domain that only some parts matter of, and feeds that a test fills itself.
 */
import type { ClusterNode } from "../../src/domain/cluster-node.ts";
import type { PullPod } from "../../src/domain/pull-pod.ts";
import { ResourceFeed } from "../../src/kubernetes/resource-feed.ts";

export function nodeNamed(name: string, uid = `uid-of-${name}`): ClusterNode {
  const flags = { isReady: true, isUnschedulable: false, isDeleting: false };
  return { name, uid, architecture: "amd64", createTime: 0, ...flags, taints: [], images: [] };
}

/** For the node `n1`. */
export function podNamed(name: string, digest: string): PullPod {
  return {
    name,
    uid: `uid-of-${name}`,
    node: "n1",
    nodeUid: "uid-of-n1",
    reference: `registry.example.org/lab:tag@${digest}`,
    digest,
    createTime: 0,
    isDeleting: false,
    phase: "Pending",
    reason: "",
    message: "",
    waiting: undefined,
    imageId: "",
  };
}

/** With one node, `n1`. */
export function feeds() {
  const nodes = new ResourceFeed<ClusterNode>();
  nodes.put(nodeNamed("n1"));
  return { nodes, pods: new ResourceFeed<PullPod>() };
}
