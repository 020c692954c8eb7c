/**
 * A node of the API as a value of the domain: what is kept of it. What its parts mean is decided elsewhere.
 */
import type { ClusterNode, Taint } from "../domain/cluster-node.ts";
import type { ImagePool } from "./image-pool.ts";
import { list, object, text, time } from "./json.ts";

/** Undefined where it has no name, and so is no node. */
export function readNode(value: unknown, pool: ImagePool): ClusterNode | undefined {
  const { metadata, spec, status } = object(value);
  const { name, uid, creationTimestamp, deletionTimestamp } = object(metadata);
  if (text(name) === "") return undefined;
  const { conditions, images, nodeInfo } = object(status);
  return {
    uid: text(uid),
    name: text(name),
    architecture: text(object(nodeInfo).architecture),
    createTime: time(creationTimestamp),
    isReady: list(conditions).some((condition) => isReady(object(condition))),
    isUnschedulable: object(spec).unschedulable === true,
    isDeleting: text(deletionTimestamp) !== "",
    taints: list(object(spec).taints).map(readTaint),
    images: pool.read(images),
  };
}

function isReady({ type, status }: Readonly<Record<string, unknown>>): boolean {
  return type === "Ready" && status === "True";
}

function readTaint(value: unknown): Taint {
  const { key, value: taintValue, effect } = object(value);
  return { key: text(key), value: text(taintValue), effect: text(effect) };
}
