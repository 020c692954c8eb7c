/**
 * Keys that are in a configuration and not in its schema: all of them, while the schema itself stops at the first.
 */
import type * as v from "valibot";
import { isMap } from "./values.ts";

/** What is looked at of a schema, whatever its type. */
interface Shape {
  readonly kind: string;
  readonly wrapped?: Shape;
  readonly pipe?: readonly Shape[];
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly key?: string;
  readonly options?: readonly Shape[];
  readonly literal?: unknown;
}

/** The paths of all keys that the schema does not know: `sources[0].filter.weeklies`. */
export function unknownKeys(schema: v.GenericSchema, value: unknown): string[] {
  return visit(schema as unknown as Shape, value, "", []).map((path) => path.replace(/^\./, ""));
}

/** `above` are the values on the way, since a configuration may contain itself. */
function visit(schema: Shape, value: unknown, path: string, above: readonly unknown[]): string[] {
  if (above.includes(value)) return [];
  const way = [...above, value];
  return shapesOf(schema, value).flatMap(({ entries, item }) => {
    if (item && Array.isArray(value))
      return value.flatMap((one, index) => visit(item, one, `${path}[${index}]`, way));
    if (!entries || !isMap(value)) return [];
    return Object.entries(value as object).flatMap(([key, one]) => {
      const known = Object.hasOwn(entries, key) ? entries[key] : undefined;
      return known ? visit(known, one, `${path}.${key}`, way) : [`${path}.${key}`];
    });
  });
}

/** The schemas that say what is inside of a value. */
function shapesOf(schema: Shape, value: unknown): Shape[] {
  const { wrapped, pipe, options, key } = schema;
  if (wrapped) return shapesOf(wrapped, value);
  if (pipe) return pipe.filter(({ kind }) => kind === "schema").flatMap((part) => shapesOf(part, value));
  if (!options || key === undefined) return [schema];
  const type = isMap(value) ? (value as Record<string, unknown>)[key] : undefined;
  const option = options.find(({ entries }) => entries?.[key]?.literal === type);
  return option ? [option] : [];
}
