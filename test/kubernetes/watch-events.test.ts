import { describe, expect, it } from "vitest";
import { watchEvents } from "../../src/kubernetes/watch-events.ts";

async function read(chunks: readonly (string | Uint8Array)[]): Promise<unknown[]> {
  async function* body() {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  const events: unknown[] = [];
  for await (const event of watchEvents(body())) events.push(event?.object.name);
  return events;
}

const line = (name: string) => `${JSON.stringify({ type: "ADDED", object: { name } })}\n`;

describe("the events of a watch", () => {
  const text = line("a") + line("\u00fc \u{1f40b}") + line("c");
  const names = ["a", "\u00fc \u{1f40b}", "c"];

  it("are the same, wherever the network cuts them", async () => {
    const bytes = Buffer.from(text);
    expect(await read([bytes])).toEqual(names);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(names);
    }
    expect(await read([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(names);
  });

  it.each([
    ["an end in the middle of a line", [line("a"), line("b").slice(0, -5)], ["a"]],
    ["no lines at all", [], []],
    ["empty lines", ["\n\n", line("a"), "\n"], ["a"]],
    ["lines that end as on Windows", [line("a").replace("\n", "\r\n")], ["a"]],
    ["a line that is no event", ["nonsense\n", line("a")], [undefined, "a"]],
  ])("are read for what they are: %s", async (_, chunks, events) => {
    expect(await read(chunks)).toEqual(events);
  });

  it("fail where a line has no end, long before the memory does", async () => {
    const chunks = Array.from({ length: 17 }, () => Buffer.alloc(2 ** 20, "x"));
    await expect(read(chunks)).rejects.toThrow("larger than 16777216 bytes");
  });
});
