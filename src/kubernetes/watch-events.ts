/**
 * The body of a watch, taken apart: one event a line.
 */
import { type Json, object, text } from "./json.ts";

export interface WatchEvent {
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`. */
  readonly type: string;
  readonly object: Json;
}

// The API server's store takes no object that is larger than 1.5 MB.
const maxLineBytes = 16 * 2 ** 20;
const newline = 10;

/** Undefined stands for a line that is no event. Fails where a line has no end. */
export async function* watchEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<WatchEvent | undefined, void> {
  let rest: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      const line = Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      size = 0;
      start = end + 1;
      if (line.length > 0) yield eventOf(line.toString());
    }
    rest.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > maxLineBytes) throw new Error(`an event is larger than ${maxLineBytes} bytes`);
  }
}

function eventOf(line: string): WatchEvent | undefined {
  try {
    const { type, object: value } = object(JSON.parse(line));
    return text(type) === "" ? undefined : { type: text(type), object: object(value) };
  } catch {
    return undefined;
  }
}
