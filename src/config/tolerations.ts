/**
 * Tolerations as they stand in a pod, with the combinations that Kubernetes' API refuses refused here: it would say so
 * of every pod.
 */
import * as v from "valibot";
import type { Toleration } from "../domain/cluster-node.ts";
import { isLabelValue, isQualifiedName } from "./kubernetes-names.ts";
import * as value from "./values.ts";

const effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
const effect = value.text(`${effects.join(" or ")} or none`, (text) => text === "" || effects.includes(text));

const written = value.keys({
  key: v.optional(
    value.text("the key of a taint, or empty for all", (text) => text === "" || isQualifiedName(text)),
    "",
  ),
  operator: v.optional(value.oneOf("Equal", "Exists"), "Equal"),
  value: v.optional(value.text("the value of a taint (numbers and true need quotes)", isLabelValue), ""),
  effect: v.optional(effect),
  tolerationSeconds: v.optional(value.integer(0, Number.MAX_SAFE_INTEGER)),
});

const toleration = v.pipe(
  written,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const message of impossible(dataset.value)) addIssue({ message });
  }),
  v.transform(({ key, operator, value, effect, tolerationSeconds }): Toleration => {
    return { key: key || undefined, operator, value, effect: effect || undefined, tolerationSeconds };
  }),
);

export const tolerations = v.optional(v.array(toleration), []);

function impossible({
  key,
  operator,
  value,
  effect,
  tolerationSeconds,
}: v.InferOutput<typeof written>): string[] {
  const exists = operator === "Exists";
  return [
    ...(key === "" && !exists ? ["has to have operator Exists where it has no key"] : []),
    ...(exists && value !== "" ? ["has to have no value where operator is Exists"] : []),
    ...(tolerationSeconds !== undefined && effect !== "NoExecute"
      ? ["has to have effect NoExecute where it has tolerationSeconds"]
      : []),
  ];
}
