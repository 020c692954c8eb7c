/**
 * Servers that have their turns one after the other, round by round, so that what disturbs the machine disturbs all of
 * them. Of each number the median is taken; of two servers the median of their ratios, round by round.
 */
import type { LoadResult } from "./load.ts";

export interface Figures {
  readonly perSecond: number;
  /** Latencies in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** CPU time of the server for a call, in microseconds. */
  readonly cpu: number;
}

export interface Comparison {
  readonly what: string;
  readonly connections: number;
  readonly figures: Readonly<Record<string, Figures>>;
  /** Calls per second of the first named by those of the second: `Node/floor`. */
  readonly ratios: Readonly<Record<string, number>>;
  /** CPU time for a call of the second by that of the first: above 1 the first is cheaper, as with `ratios`. */
  readonly cpuRatios: Readonly<Record<string, number>>;
  readonly errors: number;
  /** The first one. */
  readonly error: string;
}

/** Runs a first round that does not count, then so many rounds. */
export async function interleaved(
  names: readonly string[],
  rounds: number,
  turn: (name: string) => Promise<LoadResult>,
): Promise<Record<string, LoadResult[]>> {
  const results: Record<string, LoadResult[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const result = await turn(name);
      if (round > 0 || result.errors > 0) results[name]?.push(result);
    }
  }
  return results;
}

export function comparisonOf(
  what: string,
  connections: number,
  results: Readonly<Record<string, readonly LoadResult[]>>,
  pairs: readonly (readonly [string, string])[],
): Comparison {
  const known = pairs.filter(([one, other]) => results[one] && results[other]);
  const ratios = (value: (one: LoadResult, other: LoadResult) => number) =>
    Object.fromEntries(
      known.map(([one, other]) => {
        const others = results[other] ?? [];
        const each = (results[one] ?? []).map((result, round) => value(result, others[round] ?? result));
        return [`${one}/${other}`, median(each)];
      }),
    );
  const all = Object.values(results).flat();
  return {
    what,
    connections,
    figures: Object.fromEntries(Object.entries(results).map(([name, list]) => [name, figuresOf(list)])),
    ratios: ratios((one, other) => rate(one) / rate(other)),
    cpuRatios: ratios((one, other) => cpu(other) / cpu(one)),
    errors: all.reduce((sum, { errors }) => sum + errors, 0),
    error: all.find(({ error }) => error)?.error ?? "",
  };
}

const rate = ({ calls, seconds }: LoadResult) => calls / seconds;
const cpu = (result: LoadResult) => (result.cpu / result.calls) * 1e6;

export function figuresOf(results: readonly LoadResult[]): Figures {
  return {
    perSecond: median(results.map(rate)),
    p50: median(results.map(({ p50 }) => p50)),
    p99: median(results.map(({ p99 }) => p99)),
    cpu: median(results.map(cpu)),
  };
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
