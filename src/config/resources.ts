/**
 * What the container of a pull asks for and may use. A resource that is named is as it is written; `cpu` and `memory`
 * that are not named have their defaults.
 */
import * as v from "valibot";
import { isResourceName, quantityOf } from "./kubernetes-names.ts";
import { mapOf } from "./map-of.ts";
import * as value from "./values.ts";

type Quantities = Readonly<Record<string, string>>;

export interface ResourcesConfig {
  readonly requests: Quantities;
  readonly limits: Quantities;
}

// A limit of 1m CPU, as is requested, throttles the start of the container: the same pod then takes three times as long.
const defaults: Readonly<Record<string, { readonly request: string; readonly limit: string }>> = {
  cpu: { request: "1m", limit: "100m" },
  memory: { request: "16Mi", limit: "16Mi" },
};

const quantities = v.optional(
  mapOf({
    keys: "a resource like cpu, memory or example.org/gpu",
    isKey: isResourceName,
    values: "a quantity like 100m or 16Mi",
    readValue: (written) => {
      const text = typeof written === "number" ? String(written) : written;
      return typeof text === "string" && quantityOf(text) !== undefined ? text : undefined;
    },
  }),
  {},
);

export const resources = v.pipe(
  value.keys({ requests: quantities, limits: quantities }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { requests, limits } = dataset.value;
    for (const [name, request] of Object.entries(requests)) {
      const limit = Object.hasOwn(limits, name) ? limits[name] : undefined;
      if (limit !== undefined && (quantityOf(request) ?? 0) > (quantityOf(limit) ?? 0))
        addIssue({ message: `may not request more ${name} (${request}) than its limit (${limit})` });
    }
  }),
  v.transform(withDefaults),
);

function withDefaults({ requests, limits }: ResourcesConfig): ResourcesConfig {
  const absent = Object.entries(defaults).filter(
    ([name]) => !Object.hasOwn(requests, name) && !Object.hasOwn(limits, name),
  );
  return {
    requests: { ...Object.fromEntries(absent.map(([name, { request }]) => [name, request])), ...requests },
    limits: { ...Object.fromEntries(absent.map(([name, { limit }]) => [name, limit])), ...limits },
  };
}
