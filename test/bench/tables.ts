/**
 * Tables of what was compared: ratios first, then each server's own numbers, in the order of the servers.
 */
import type { Comparison, Figures } from "./compare.ts";

export function comparisonTable(rows: readonly Comparison[]): Record<string, string | number>[] {
  const names = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  const each = (row: Comparison, value: (figures: Figures) => string) =>
    names.map((name) => (row.figures[name] ? value(row.figures[name]) : "-")).join(" | ");
  const order = names.join(" | ");
  return rows.map((row) => ({
    call: row.what,
    conns: row.connections,
    ...round(row.ratios),
    ...Object.fromEntries(Object.entries(round(row.cpuRatios)).map(([key, value]) => [`CPU ${key}`, value])),
    [`1000/s: ${order}`]: each(row, ({ perSecond }) => (perSecond / 1000).toFixed(1)),
    "p50 ms": each(row, ({ p50 }) => p50.toFixed(1)),
    "p99 ms": each(row, ({ p99 }) => p99.toFixed(0)),
    "CPU µs": each(row, ({ cpu }) => cpu.toFixed(0)),
    errors: row.errors === 0 ? 0 : `${row.errors}: ${row.error}`,
  }));
}

function round(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Math.round(value * 100) / 100]),
  );
}

/** Rows as they are, numbers with one digit after the point. */
export function rounded(rows: readonly object[]): object[] {
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, tenths(value)])),
  );
}

function tenths(value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 10) / 10 : value;
}
