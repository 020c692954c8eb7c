import { describe, expect, it } from "vitest";
import type { Taint, Toleration } from "../../src/domain/cluster-node.ts";
import { isTolerated } from "../../src/domain/taints.ts";
import { taint, toleration } from "../support/prepull-domain.ts";

const gpu = taint("gpu = true");
const equal = (parts: Partial<Toleration>) => toleration({ operator: "Equal", ...parts });

describe("isTolerated", () => {
  it.each<[string, Taint, Toleration[], boolean]>([
    ["no toleration tolerates nothing", gpu, [], false],
    ["no key, but Exists: every taint", gpu, [toleration()], true],
    ["an empty key is none", gpu, [toleration({ key: "" })], true],
    ["the key with Exists, whatever the value", gpu, [toleration({ key: "gpu" })], true],
    ["another key with Exists", gpu, [toleration({ key: "gp" })], false],
    ["the key in another case", gpu, [toleration({ key: "GPU" })], false],
    ["key and value", gpu, [equal({ key: "gpu", value: "true" })], true],
    ["another value", gpu, [equal({ key: "gpu", value: "false" })], false],
    ["no value where the taint has one", gpu, [equal({ key: "gpu" })], false],
    ["no value where the taint has none either", taint("gpu"), [equal({ key: "gpu" })], true],
    ["a value where the taint has none", taint("gpu"), [equal({ key: "gpu", value: "true" })], false],
    ["no key with Equal: the API server refuses it", gpu, [equal({ value: "true" })], false],
    ["the effect", gpu, [toleration({ effect: "NoSchedule" })], true],
    ["another effect", gpu, [toleration({ key: "gpu", effect: "NoExecute" })], false],
    ["an empty effect is every effect", gpu, [toleration({ effect: "" })], true],
    ["the second of two", gpu, [toleration({ key: "x" }), toleration({ key: "gpu" })], true],
    ["neither of two", gpu, [toleration({ key: "x" }), toleration({ key: "y" })], false],
  ])("%s", (_, one, tolerations, tolerated) => {
    expect(isTolerated(one, tolerations)).toBe(tolerated);
  });

  const evicts = taint("gpu = true", "NoExecute");

  it.each<[string, Taint, Toleration[], boolean]>([
    ["NoExecute is tolerated for ever", evicts, [toleration({ key: "gpu" })], true],
    ["a toleration for some time does not count", evicts, [toleration({ tolerationSeconds: 300 })], false],
    ["nor one for no time", evicts, [toleration({ tolerationSeconds: 0 })], false],
    ["but another beside it does", evicts, [toleration({ tolerationSeconds: 300 }), toleration()], true],
    ["against NoSchedule the time says nothing", gpu, [toleration({ tolerationSeconds: 300 })], true],
  ])("%s", (_, one, tolerations, tolerated) => {
    expect(isTolerated(one, tolerations)).toBe(tolerated);
  });
});
