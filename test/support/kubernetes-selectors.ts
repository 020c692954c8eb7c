/**
 * Selectors of the fake Kubernetes API: equality only, which is all that is used.
 */
import type { Json } from "./kubernetes-store.ts";

export type Selector = (json: Json) => boolean;

export function selectorOf(query: URLSearchParams): Selector {
  const labels = terms(query.get("labelSelector"));
  const fields = terms(query.get("fieldSelector"));
  return (json) =>
    labels.every(([name, value]) => json.metadata.labels?.[name] === value) &&
    fields.every(([path, value]) => String(fieldOf(json, path) ?? "") === value);
}

function terms(text: string | null): [string, string][] {
  const parts = (text ?? "").split(",").filter((part) => part !== "");
  return parts.map((part) => {
    const [name = "", value = ""] = part.split("=");
    return [name, value];
  });
}

function fieldOf(json: Json, path: string): unknown {
  return path.split(".").reduce((value: Json, part) => value?.[part], json);
}
