/**
 * Maps whose keys are up to who writes them, such as labels.
 */
import * as v from "valibot";
import { map, saying } from "./values.ts";

export interface MapOptions<T> {
  /** What a key has to be, in words. */
  readonly keys: string;
  readonly isKey: (key: string) => boolean;
  /** What a value has to be, in words. */
  readonly values: string;
  /** Undefined from it means that the value is none. */
  readonly readValue: (value: unknown) => T | undefined;
}

/** Every key and value that is wrong is told by itself, under its own path. */
export function mapOf<T>({ keys, isKey, values, readValue }: MapOptions<T>) {
  return v.pipe(
    map,
    v.rawTransform<object, Readonly<Record<string, T>>>(({ dataset, addIssue }) => {
      const input = dataset.value as Record<string, unknown>;
      const read = Object.entries(input).flatMap(([key, value]): [string, T][] => {
        const path: [v.ObjectPathItem] = [{ type: "object", origin: "value", input, key, value }];
        const good = readValue(value);
        if (!isKey(key)) addIssue({ path, message: `is no key that can stand here: it has to be ${keys}` });
        else if (good === undefined) addIssue({ path, message: saying(values, value) });
        return good === undefined ? [] : [[key, good]];
      });
      return Object.fromEntries(read);
    }),
  );
}
