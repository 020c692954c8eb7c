import { describe, expect, it } from "vitest";
import { isDnsLabel } from "../../src/domain/dns-name.ts";
import { podName } from "../../src/kubernetes/pod-name.ts";
import { digestOf } from "../support/kubernetes-objects.ts";

const pull = { digest: digestOf("a"), tag: "w_2077_43", node: "node-1", lease: "prepuller" };

describe("the name of a pod", () => {
  it("is the same for the same pull", () => {
    expect(podName(pull)).toBe("prepull-w-2077-43-b692eb7537d9b691");
    expect(podName({ ...pull })).toBe(podName(pull));
  });

  it.each([
    ["a plain tag", "w_2077_43", "prepull-w-2077-43-"],
    ["capitals and dots", "R28.0.0-RC1", "prepull-r28-0-0-rc1-"],
    ["signs at both ends", "_x_", "prepull-x-"],
    ["nothing but signs", "___", "prepull-"],
    ["no tag", "", "prepull-"],
    ["a tag of 128 characters", "x".repeat(128), `prepull-${"x".repeat(38)}-`],
    ["a tag that is cut at a sign", `${"x".repeat(37)}_y`, `prepull-${"x".repeat(37)}-`],
  ])("is a DNS label with what it can of the tag: %s", (_, tag, start) => {
    const name = podName({ ...pull, tag });
    expect(isDnsLabel(name), name).toBe(true);
    expect(name.slice(0, -16)).toBe(start);
  });

  it.each([
    ["another digest", { digest: digestOf("b") }],
    ["another node", { node: "node-2" }],
    ["a node of 253 characters that differs at its end", { node: `${"n".repeat(252)}1` }],
    ["another lease in the same namespace", { lease: "other" }],
    ["a node whose name continues another's", { node: "node-11" }],
  ])("differs for %s", (_, parts) => {
    expect(podName({ ...pull, ...parts })).not.toBe(podName(pull));
  });

  it("differs for tags that look alike in a name, since they name different digests", () => {
    const a = podName({ ...pull, tag: "a_b", digest: digestOf("a_b") });
    const b = podName({ ...pull, tag: "a-b", digest: digestOf("a-b") });
    expect(a).not.toBe(b);
    expect(a.slice(0, -16)).toBe(b.slice(0, -16));
  });

  it("is another one for each foreign pod that is in the way", () => {
    const names = [0, 1, 2, 3].map((collision) => podName(pull, collision));
    expect(new Set(names).size).toBe(4);
    expect(names[0]).toBe(podName(pull));
  });
});
