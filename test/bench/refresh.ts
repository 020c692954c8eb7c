/**
 * What it costs to read a registry of 100 to 100,000 tags: for the first time, again when nothing has changed, and with
 * one tag more.
 */
import { ask, message, start } from "./processes.ts";
import type { RefreshCost } from "./refresh-process.ts";

export interface RefreshRow extends RefreshCost {
  readonly tags: number;
  readonly reading: "first" | "unchanged" | "one more";
  readonly pages: number;
  readonly digests: number;
}

const sizes = [100, 1_000, 10_000, 100_000];
const readings = ["first", "unchanged", "one more"] as const;

export async function benchRefresh(): Promise<RefreshRow[]> {
  const rows: RefreshRow[] = [];
  for (const tags of sizes) {
    const registry = start("fake-registry.ts", String(tags));
    const host = await message<string>(registry);
    const measured = start("refresh-process.ts", host);
    await message(measured);
    for (const reading of readings) {
      if (reading === "one more") await ask(registry, "change");
      const cost = await ask<RefreshCost>(measured, "measure");
      const { pages, digests } = await ask<{ pages: number; digests: number }>(registry, "count");
      rows.push({ tags, reading, pages, digests, ...cost });
    }
    for (const child of [measured, registry]) child.disconnect();
  }
  return rows;
}
