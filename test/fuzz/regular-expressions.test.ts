/**
 * Regular expressions that meet what strangers send take time in proportion to it, whatever it is. A tool proves it
 * of each one that is in src/; nothing is measured.
 */
import { readdirSync, readFileSync } from "node:fs";
import { check } from "recheck";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseAst } from "vitest/node";

// A machine that is busy takes its time.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const files = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/${name}`)
  .sort();

/** Those that take longer, and why none of their inputs can be long enough to matter. */
const bounded: Record<string, string> = {
  "src/config/values.ts: /[^\\s@]*@/g": "a value of the configuration, cut to 80 characters before",
  "src/servers/grpc-server.ts: /\\[(.*)\\]/s": "what grpc-js says when it cannot listen, once at the start",
};

interface Pattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** Every part of a syntax tree. */
function* nodes(part: unknown): Generator<Record<string, unknown>> {
  if (typeof part !== "object" || part === null) return;
  if (!Array.isArray(part)) yield part as Record<string, unknown>;
  for (const child of Object.values(part)) yield* nodes(child);
}

const trees = new Map(files.map((file) => [file, parseAst(readFileSync(file, "utf8"), { lang: "ts" })]));

/** Those that are written as literals. */
const literals = [...trees].flatMap(([file, tree]) =>
  [...nodes(tree)].flatMap(({ type, regex }): Pattern[] => {
    if (type !== "Literal" || regex === undefined) return [];
    const { pattern, flags } = regex as { pattern: string; flags: string };
    return [{ file, source: pattern, flags }];
  }),
);

/** The files that make some of pieces, one entry each time. */
const makers = [...trees].flatMap(([file, tree]) =>
  [...nodes(tree)]
    .filter(({ type }) => type === "NewExpression" || type === "CallExpression")
    .filter(({ callee }) => (callee as { name?: string }).name === "RegExp")
    .map(() => file),
);

/** Those that are made of pieces, as they are when the files have been loaded. */
const made: Pattern[] = [];
const Original = RegExp;

beforeAll(async () => {
  const recorded = (pattern: string | RegExp, flags?: string) => {
    const result = new Original(pattern, flags);
    const caller = new Error().stack?.split("\n").find((line) => /\/src\/[a-z]+\//.test(line)) ?? "";
    const file = files.find((name) => caller.includes(`/${name}`));
    if (file !== undefined) made.push({ file, source: result.source, flags: result.flags });
    return result;
  };
  globalThis.RegExp = new Proxy(Original, {
    construct: (_, [pattern, flags]) => recorded(pattern, flags),
    apply: (_, __, [pattern, flags]) => recorded(pattern, flags),
  });
  await Promise.all(
    [...new Set(makers)].map(
      (file) => import(/* @vite-ignore */ new URL(`../../${file}`, import.meta.url).href),
    ),
  );
});

afterAll(() => {
  globalThis.RegExp = Original;
});

const nameOf = ({ file, source, flags }: Pattern) => `${file}: /${source}/${flags}`;

/** What is wrong with an expression; undefined where its time is linear. */
async function complaint({ source, flags }: Pick<Pattern, "source" | "flags">): Promise<string | undefined> {
  // The seed makes the part of the tool that tries inputs do the same every time.
  const found = await check(source, flags, { randomSeed: 1, timeout: 20_000 });
  if (found.status === "safe") return undefined;
  return found.status === "vulnerable" ? found.complexity.summary : `not decided: ${found.error.kind}`;
}

async function slow(patterns: readonly Pattern[]): Promise<string[]> {
  const found: string[] = [];
  for (const pattern of patterns) {
    const why = await complaint(pattern);
    if (why !== undefined) found.push(nameOf(pattern));
  }
  return found;
}

describe("a regular expression of what is parsed", () => {
  it("takes linear time where it is written as a literal, but for those that are listed", async () => {
    expect(literals.length).toBeGreaterThan(50);
    expect(await slow(literals)).toEqual(Object.keys(bounded));
  });

  it("takes linear time where it is made of pieces, and every one of those was seen", async () => {
    expect(made.map(({ file }) => file).toSorted()).toEqual(makers);
    expect(makers.length).toBeGreaterThan(5);
    expect(await slow(made)).toEqual([]);
  });
});

describe("the tool finds", () => {
  it.each([
    ["exponential time", "^(a+)+$", "", "exponential"],
    ["a piece that is tried from every place", "\\s+$", "", "2nd degree polynomial"],
    ["two pieces that take the same", "^\\d+\\w*!$", "", "2nd degree polynomial"],
    ["nothing in a plain one", "^[a-z]+$", "", undefined],
    ["nothing in a sticky one", "[ \\t]*=[ \\t]*", "y", undefined],
  ])("%s", async (_, source, flags, found) => {
    expect(await complaint({ source, flags })).toBe(found);
  });
});
