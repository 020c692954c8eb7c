/**
 * Which of the two kinds of file a configuration is: a service's or a prepuller's. Told from its keys, since both are
 * YAML and nothing in them says it; whether it can be used is not looked at.
 */
import { ConfigError } from "./config-error.ts";
import { isMap } from "./values.ts";

export type Kind = "service" | "prepuller";

/** Keys at the top that only one kind has. `log` and `sources` are in both. */
export const ownKeys: Readonly<Record<Kind, readonly string[]>> = {
  service: ["grpc", "http", "shutdown", "stateDirectory"],
  prepuller: [
    "service",
    "kubeconfig",
    "namespace",
    "nodeSelector",
    "tolerations",
    "refreshInterval",
    "maxConcurrentNodes",
    "pullTimeout",
    "nodeStatusLag",
    "nodeStatusMaxImages",
    "waitForUsers",
    "requestsPerSecond",
    "pod",
    "lease",
    "metrics",
  ],
};

const commandOf: Readonly<Record<Kind, string>> = { service: "serve", prepuller: "prepull" };

/** What is said of a key that only the other kind has. */
export function belongsTo(kind: Kind): string {
  return `belongs into a ${kind}'s file; start it with ${commandOf[kind]}`;
}

/** Fails with `ConfigError` where a file is wholly of the other kind: its single keys are not worth a sentence. */
export function refuseOther(value: unknown, other: Kind): void {
  const marks = marksOf(value);
  const own = other === "service" ? "prepuller" : "service";
  if (marks[other] > 0 && marks[own] === 0)
    throw new ConfigError([`this is a ${other}'s file: start it with ${commandOf[other]}`]);
}

/** The kind that more speaks for. Where nothing does, a prepuller's: a service's has sources. */
export function kindOf(value: unknown): Kind {
  const { service, prepuller } = marksOf(value);
  if (service !== prepuller) return service > prepuller ? "service" : "prepuller";
  return isMap(value) && Object.hasOwn(value as object, "sources") ? "service" : "prepuller";
}

/** How many keys speak for each kind. A service describes its sources, a prepuller names them. */
function marksOf(value: unknown): Record<Kind, number> {
  if (!isMap(value)) return { service: 0, prepuller: 0 };
  const count = (kind: Kind) => ownKeys[kind].filter((key) => Object.hasOwn(value as object, key)).length;
  const { sources } = value as { readonly sources?: unknown };
  const all = (holds: (one: unknown) => boolean) =>
    Array.isArray(sources) && sources.length > 0 && sources.every(holds) ? 1 : 0;
  return {
    service: count("service") + all(isMap),
    prepuller: count("prepuller") + all((one) => typeof one === "string"),
  };
}
