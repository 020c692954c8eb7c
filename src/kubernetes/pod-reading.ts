/**
 * A pod of the prepuller, of the API, as a value of the domain. What its state means is `domain/pull-outcome.ts`.
 */
import type { PullPod } from "../domain/pull-pod.ts";
import { list, object, text, time } from "./json.ts";
import { annotationNames } from "./pod-marks.ts";

/** Undefined where it has no name, and so is no pod. */
export function readPullPod(value: unknown): PullPod | undefined {
  const { metadata, spec, status } = object(value);
  const { name, uid, annotations, creationTimestamp, deletionTimestamp } = object(metadata);
  if (text(name) === "") return undefined;
  const notes = object(annotations);
  const { nodeName, containers } = object(spec);
  const { phase, reason, message, containerStatuses } = object(status);
  const container = object(list(containerStatuses)[0]);
  // Annotations may be lost; what is pulled and where stands in the pod itself, but for the tag.
  const reference = text(notes[annotationNames.reference]) || text(object(list(containers)[0]).image);
  return {
    name: text(name),
    uid: text(uid),
    node: text(notes[annotationNames.node]) || text(nodeName),
    nodeUid: text(notes[annotationNames.nodeUid]),
    reference,
    digest: reference.includes("@") ? reference.slice(reference.lastIndexOf("@") + 1) : "",
    createTime: time(creationTimestamp) ?? 0,
    isDeleting: text(deletionTimestamp) !== "",
    phase: text(phase) || "Pending",
    reason: text(reason),
    message: text(message),
    waiting: readWaiting(object(container.state).waiting),
    imageId: text(container.imageID),
  };
}

function readWaiting(value: unknown): PullPod["waiting"] {
  if (typeof value !== "object" || value === null) return undefined;
  const { reason, message } = object(value);
  return { reason: text(reason), message: text(message) };
}
