/**
 * Labels and annotations of Kubernetes' objects, as a configuration writes them.
 */
import * as v from "valibot";
import { isLabelValue, isQualifiedName } from "./kubernetes-names.ts";
import { mapOf } from "./map-of.ts";

const key = "a name like app or example.org/app";

export const labels = mapOf({
  keys: key,
  isKey: isQualifiedName,
  values: "the value of a label: at most 63 letters, digits, _ . and - (numbers and true need quotes)",
  readValue: (value) => (typeof value === "string" && isLabelValue(value) ? value : undefined),
});

/** Kubernetes' own limit, of keys and values together. */
const maxAnnotations = 256 * 1024;

export const annotations = v.pipe(
  mapOf({
    keys: key,
    // Only here Kubernetes takes capitals before the slash.
    isKey: (text) => isQualifiedName(text.toLowerCase()),
    values: "a text (numbers and true need quotes)",
    readValue: (value) => (typeof value === "string" ? value : undefined),
  }),
  v.check((map) => bytesOf(map) <= maxAnnotations, `may have at most ${maxAnnotations} bytes`),
);

function bytesOf(map: Readonly<Record<string, string>>): number {
  return Object.entries(map).reduce((sum, texts) => sum + Buffer.byteLength(texts.join("")), 0);
}
