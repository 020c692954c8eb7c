/**
 * `npm run bench`: measures, prints a table, and saves the numbers. Machines differ and are busy: compare the rows of one
 * run, not those of two.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { benchPrepull } from "./prepull.ts";
import { benchRefresh } from "./refresh.ts";

const refresh = await benchRefresh();
console.log("Reading a registry (wall and CPU time and the longest stall in ms, memory above rest in MB):");
console.table(
  refresh.map((row) => Object.fromEntries(Object.entries(row).map(([key, value]) => [key, rounded(value)]))),
);

const prepull = await benchPrepull();
console.log(`The prepuller with ${prepull.nodes} nodes of 50 images, 10 images wanted (goals in brackets):`);
console.table(prepull.rows);

const folder = new URL("../../.cache/", import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL("bench.json", folder),
  JSON.stringify({ node: process.version, refresh, prepull }, undefined, 2),
);
console.log("saved to .cache/bench.json");

function rounded(value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 10) / 10 : value;
}
