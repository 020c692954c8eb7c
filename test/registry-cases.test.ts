/**
 * That docs/registry-cases.md is true: every case is there once, and what it names is a test which names the case.
 * What the tests show is in themselves.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";

interface Row {
  readonly number: number;
  readonly level: string;
  readonly what: string;
  readonly shownBy: string;
}

/** The rows of all tables whose first cell is a number. */
function rowsOf(text: string): Row[] {
  return text.split("\n").flatMap((line) => {
    const [, number = "", level = "", what = "", ...rest] = line.split("|").map((cell) => cell.trim());
    if (!/^\d+$/.test(number)) return [];
    return [{ number: Number(number), level, what, shownBy: rest.slice(0, -1).join("|") }];
  });
}

/** All text that a file holds in quotes: what tests are called is there, and what comments say is not. */
function textsOf(file: string): string[] {
  const texts: string[] = [];
  const visit = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    const { type, value } = part as { type?: unknown; value?: unknown };
    if (type === "Literal" && typeof value === "string") texts.push(value);
    if (type === "TemplateElement") texts.push((value as { cooked: string }).cooked);
    for (const child of Object.values(part)) visit(child);
  };
  visit(parseAst(readFileSync(file, "utf8"), { lang: "ts" }));
  return texts;
}

/** The numbers that a text names: `case 7`, `cases 7 and 8`, `cases 7, 8 and 9`. */
function casesIn(text: string): number[] {
  const named = [...text.matchAll(/\bcase (\d+)|\bcases (\d+(?:(?:, | and )\d+)*)/g)];
  return named
    .flatMap(([, one, several = ""]) => [one ?? "", ...several.split(/, | and /)])
    .filter(Boolean)
    .map(Number);
}

/** What is wrong with a row, as a sentence; undefined where nothing is. */
function complaint({ number, level, what, shownBy }: Row): string | undefined {
  const wrong = (why: string) => `case ${number} ${why}`;
  if (!["M", "S", "L"].includes(level)) return wrong(`is of the level "${level}"`);
  if (what === "") return wrong("says nothing");
  if (shownBy === "") return wrong("has no test");
  if (shownBy.startsWith("later: ")) return level === "L" ? undefined : wrong("cannot come later");
  const [, path = "", name = ""] = /^`([^`]+)`: (.+)$/.exec(shownBy) ?? [];
  if (!existsSync(path)) return wrong(`names "${path}", which does not exist`);
  if (statSync(path).isDirectory()) {
    return readdirSync(path).some((file) => file.endsWith(".test.ts")) ? undefined : wrong(`names no tests`);
  }
  const texts = textsOf(path);
  if (!texts.some((text) => text.includes(name))) return wrong(`names "${name}", which is not in ${path}`);
  const isNamed = texts.some((text) => casesIn(text).includes(number));
  return isNamed ? undefined : wrong(`is named by no test of ${path}`);
}

const rows = rowsOf(readFileSync("docs/registry-cases.md", "utf8"));

describe("docs/registry-cases.md", () => {
  it("has every case from 1 to 145 once, in order", () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 145 }, (_, index) => index + 1));
  });

  it("names a test for each, or of what comes later says why", () => {
    expect(rows.map(complaint).filter((text) => text !== undefined)).toEqual([]);
  });

  it("names a whole folder for the case of real registries only", () => {
    const folders = rows.filter(({ shownBy }) => shownBy.includes("/`: "));
    expect(folders.map(({ number }) => number)).toEqual([144]);
  });
});

describe("a row is wrong where it", () => {
  const file = "test/registry/tls.test.ts";
  it.each([
    ["is empty", "| 1 | M | x |  |", "case 1 has no test"],
    ["says nothing", `| 1 | M |  | \`${file}\`: x |`, "case 1 says nothing"],
    ["has another level", "| 1 | X | x | later: x |", 'case 1 is of the level "X"'],
    ["puts off what has to be", "| 1 | S | x | later: no time |", "case 1 cannot come later"],
    ["names no file", "| 1 | M | x | some test |", 'case 1 names "", which does not exist'],
    [
      "names a file that is gone",
      "| 1 | M | x | `test/gone.ts`: x |",
      'case 1 names "test/gone.ts", which does not exist',
    ],
    ["names a folder without tests", "| 1 | M | x | `src/`: all of it |", "case 1 names no tests"],
    [
      "names a test that is gone",
      `| 112 | M | x | \`${file}\`: gone |`,
      `case 112 names "gone", which is not in ${file}`,
    ],
    [
      "names a test of another case",
      `| 11 | M | x | \`${file}\`: case 112: a registry with TLS |`,
      `case 11 is named by no test of ${file}`,
    ],
  ])("%s", (_, line, expected) => {
    expect(rowsOf(line).map(complaint)).toEqual([expected]);
  });

  it("is right otherwise", () => {
    const right = [`| 112 | M | x | \`${file}\`: a registry with TLS |`, "| 1 | L | x | later: no time |"];
    expect(right.flatMap(rowsOf).map(complaint)).toEqual([undefined, undefined]);
  });

  it.each([
    ["case 7: a test", [7]],
    ["a test (case 7), and (case 8)", [7, 8]],
    ["cases 47 and 48: a test", [47, 48]],
    ["cases 1, 2 and 13", [1, 2, 13]],
    ["case 90 of 3 things", [90]],
    ["in any case", []],
    ["showcase 7", []],
  ])("cases are found in %j", (text, expected) => {
    expect(casesIn(text)).toEqual(expected);
  });
});
