/**
 * Long computations in steps: a generator that yields now and then, so that whoever runs it can do other work in
 * between. Synchronous and without a clock; `async/in-turns.ts` runs steps by time.
 */

/** Yields after each piece of work; returns what came of it. */
export type Steps<T> = Generator<void, T>;

/** How many entries of a list make a step: well under a millisecond of work. */
export const stepSize = 1000;

/** Runs all steps at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** A sorted copy, by merging runs of a step's size. Equal entries keep their order. */
export function* sorting<T>(list: readonly T[], compare: (a: T, b: T) => number): Steps<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < list.length; start += stepSize) {
    runs.push(list.slice(start, start + stepSize).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      merged.push(yield* merging(runs[index] ?? [], runs[index + 1] ?? [], compare));
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

/** Both sorted lists as one; entries of the first come before equal ones of the second. */
export function* merging<T>(
  first: readonly T[],
  second: readonly T[],
  compare: (a: T, b: T) => number,
): Steps<T[]> {
  const merged: T[] = [];
  let from = 0;
  for (const [index, entry] of second.entries()) {
    let to = from;
    for (let next = first[to]; to < first.length && compare(next as T, entry) <= 0; next = first[to]) to += 1;
    for (; from < to; from += 1) merged.push(first[from] as T);
    merged.push(entry);
    if (index % stepSize === stepSize - 1) yield;
  }
  return merged.concat(first.slice(from));
}
