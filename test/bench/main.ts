/**
 * `npm run bench -- [SECTION …]`: measures, prints tables, and saves the numbers. Machines differ and are busy: compare the
 * ratios, and the rows of one run, not those of two.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { placement } from "./cores.ts";
import { goProgram } from "./go-programs.ts";
import { goalsOf } from "./goals.ts";
import { readOptions, type SectionName } from "./options.ts";
import { type Results, type Section, sections } from "./sections.ts";

const options = readOptions(process.argv.slice(2));
const generator = goProgram("load") ? "Go" : "Node, which is slower than fast servers";
console.log(`${options.rounds} rounds of ${options.seconds} s; ${placement}; load by ${generator}`);

const results: Results = {};
for (const name of options.sections) await run(name);
const goals = goalsOf(results);
console.log("\nGoals:");
console.table(goals);

const folder = new URL("../../.cache/", import.meta.url);
mkdirSync(folder, { recursive: true });
const saved = {
  date: new Date().toISOString(),
  node: process.version,
  placement,
  options,
  ...results,
  goals,
};
writeFileSync(new URL("bench.json", folder), JSON.stringify(saved, undefined, 2));
console.log("saved to .cache/bench.json");

const rows = Object.values(results).flatMap((result): object[] => (Array.isArray(result) ? result : []));
if (rows.some((row) => "errors" in row && Number(row.errors) > 0)) {
  console.error("calls have failed: these numbers are none");
  process.exitCode = 1;
}

async function run<K extends SectionName>(name: K): Promise<void> {
  const { title, run, table } = sections[name] as unknown as Section<NonNullable<Results[K]>>;
  console.log(`\n${title}:`);
  const started = performance.now();
  const result = await run(options);
  results[name] = result;
  console.table(table(result));
  console.log(`(${name}: ${Math.round((performance.now() - started) / 1000)} s)`);
}
