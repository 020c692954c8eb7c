/**
 * JSON that a registry sent. Refuses what is nested deeper than any answer of a registry: a body of brackets costs
 * little to send and a lot to read.
 */

const maxDepth = 64;

/** The value, or undefined where the bytes are no JSON (no answer of a registry is). */
export function parseJson(bytes: Buffer): unknown {
  if (depth(bytes) > maxDepth) return undefined;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    // What is wrong with it is of no use to anybody, and the parser's text repeats the content.
    return undefined;
  }
}

/** One own property of an object; undefined for anything else, so `__proto__` in an answer does no harm. */
export function property(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.getOwnPropertyDescriptor(value, name)?.value
    : undefined;
}

function depth(bytes: Buffer): number {
  let open = 0;
  let deepest = 0;
  let quoted = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (quoted) {
      if (byte === 0x5c) index += 1;
      else if (byte === 0x22) quoted = false;
    } else if (byte === 0x22) quoted = true;
    else if (byte === 0x5b || byte === 0x7b) {
      open += 1;
      if (open > deepest) deepest = open;
    } else if (byte === 0x5d || byte === 0x7d) open -= 1;
  }
  return deepest;
}
