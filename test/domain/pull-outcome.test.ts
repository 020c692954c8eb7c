import { describe, expect, it } from "vitest";
import { isListed, maxMessageLength, outcomeOf } from "../../src/domain/pull-outcome.ts";
import type { PullPod } from "../../src/domain/pull-pod.ts";
import { byDigest, byTag, sha } from "../support/domain.ts";
import { clusterNode, pullPod } from "../support/prepull-domain.ts";

const imageId = byDigest("a");
const underWay = { kind: "under way" };
const waitingFor = (reason: string, message = "") => ({ waiting: { reason, message } });
const failed = (reason: string, message = "") => ({ kind: "failed", reason, message });

describe("outcomeOf: pulled", () => {
  const pulled = { kind: "pulled", digest: sha("a") };

  it.each<[string, Partial<PullPod>]>([
    ["an image ID while the container runs", { phase: "Running" }],
    ["a pod that ended well", { phase: "Succeeded" }],
    ["a command that failed", { phase: "Failed" }],
    ["an image without that command fails to start", { phase: "Failed", reason: "StartError" }],
    [
      "slower than the deadline",
      { phase: "Failed", reason: "DeadlineExceeded", message: "Pod was active …" },
    ],
    ["evicted after the pull", { phase: "Failed", reason: "Evicted" }],
    ["the container cannot be run", { ...waitingFor("RunContainerError") }],
    ["a pod that is being deleted", { phase: "Running", isDeleting: true }],
    ["a node that was lost meanwhile", { phase: "Unknown" }],
  ])("%s", (_, parts) => {
    expect(outcomeOf(pullPod({ ...parts, imageId }))).toEqual(pulled);
  });

  it.each([
    ["under the name that came first", `r.example/other@${sha("b")}`, sha("b")],
    ["sha512", `r.example/lab@sha512:${"c".repeat(128)}`, `sha512:${"c".repeat(128)}`],
    ["as Docker's shim says it", `docker-pullable://r.example/lab@${sha("b")}`, sha("b")],
    ["a bare digest is that of a config", sha("b"), ""],
    ["with nothing behind the @", "r.example/lab@", ""],
    ["with no digest behind the @", "r.example/lab@latest", ""],
    ["with no @", "docker://1234", ""],
  ])("an image ID %s", (_, id, digest) => {
    expect(outcomeOf(pullPod({ imageId: id }))).toEqual({ kind: "pulled", digest });
  });
});

describe("outcomeOf: under way", () => {
  it.each<[string, Partial<PullPod>]>([
    ["a pod that was just made", {}],
    ["a container that is being created", waitingFor("ContainerCreating")],
    ["a pod that is being initialised", waitingFor("PodInitializing")],
    ["no reason", waitingFor("")],
    ["a container that runs, but names no image yet", { phase: "Running" }],
    [
      "a pod that is being deleted: its pull goes on",
      { isDeleting: true, ...waitingFor("ContainerCreating") },
    ],
    ["a node that was lost", { phase: "Unknown" }],
    ["what the pod as a whole says, as long as it has not failed", { reason: "NodeLost", message: "…" }],
  ])("%s", (_, parts) => {
    expect(outcomeOf(pullPod(parts))).toEqual(underWay);
  });
});

describe("outcomeOf: failed", () => {
  it.each([
    ...["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"],
    ...["RegistryUnavailable", "SignatureValidationFailed", "CreateContainerConfigError"],
    ...["CreateContainerError", "RunContainerError", "AnErrorOfLaterDays"],
  ])("a container that waits with %s", (reason) => {
    expect(outcomeOf(pullPod(waitingFor(reason, "not found")))).toEqual(failed(reason, "not found"));
  });

  it.each(["OutOfcpu", "OutOfpods", "NodeAffinity", "Evicted", "DeadlineExceeded"])(
    "a pod that was rejected or ended with %s",
    (reason) => {
      expect(outcomeOf(pullPod({ phase: "Failed", reason, message: "no room" }))).toEqual(
        failed(reason, "no room"),
      );
    },
  );

  it.each<[string, Partial<PullPod>, ReturnType<typeof failed>]>([
    ["without a reason", { phase: "Failed" }, failed("Failed")],
    [
      "rejected, though a container still seems to be made",
      { phase: "Failed", reason: "Evicted", message: "disk", ...waitingFor("ContainerCreating") },
      failed("Evicted", "disk"),
    ],
    [
      "the container's error says more than the pod's end",
      { phase: "Failed", reason: "DeadlineExceeded", ...waitingFor("ImagePullBackOff", "401") },
      failed("ImagePullBackOff", "401"),
    ],
    [
      "a phase alone is no pull",
      { phase: "Succeeded" },
      failed("NoImageID", "the pod ended well but names no image"),
    ],
    ["and says why, if it does", { phase: "Succeeded", message: "odd" }, failed("NoImageID", "odd")],
  ])("%s", (_, parts, outcome) => {
    expect(outcomeOf(pullPod(parts))).toEqual(outcome);
  });

  it("keeps the beginning of a long message", () => {
    const outcome = outcomeOf(pullPod(waitingFor("ErrImagePull", `begin ${"x".repeat(10_000)}`)));
    const message = outcome.kind === "failed" ? outcome.message : "";
    expect(message).toHaveLength(maxMessageLength);
    expect(message).toMatch(/^begin x+…$/);
  });
});

describe("isListed", () => {
  const long = `sha512:${"a".repeat(128)}`;

  it.each([
    ["under the repository", byDigest("a"), sha("a"), true],
    ["under a mirror's name", `mirror.example:5000/x@${sha("a")}`, sha("a"), true],
    ["behind a tag", `${byTag("w")}@${sha("a")}`, sha("a"), true],
    ["sha512", `r.example/x@${long}`, long, true],
    ["another digest", byDigest("b"), sha("a"), false],
    ["the digest alone is no name", sha("a"), sha("a"), false],
    ["a digest that only ends alike", `r.example/x@sha256:0${"a".repeat(63)}`, "a".repeat(63), false],
    ["a tag", byTag("w"), sha("a"), false],
    ["no digest is listed nowhere", "r.example/x@", "", false],
    ["nothing", "", sha("a"), false],
  ])("%s", (_, name, digest, listed) => {
    expect(isListed(clusterNode("n1", [name]), digest)).toBe(listed);
  });

  it("looks at every name of every image, and takes images without names", () => {
    const images = [{ names: [], size: 1 }, byTag("x"), { names: [byTag("w"), byDigest("a")], size: 2 }];
    expect(isListed(clusterNode("n1", images), sha("a"))).toBe(true);
    expect(isListed(clusterNode("n1"), sha("a"))).toBe(false);
  });
});
