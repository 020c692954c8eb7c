/**
 * SIGTERM and SIGINT: the first asks to end, a second one wants it now.
 */

/** Heard from the call on, so that none is missed. */
export function nextSignals(): { readonly first: Promise<string>; readonly second: Promise<string> } {
  const first = Promise.withResolvers<string>();
  const second = Promise.withResolvers<string>();
  let count = 0;
  const take = (signal: string) => {
    count += 1;
    (count === 1 ? first : second).resolve(signal);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => take(signal));
  return { first: first.promise, second: second.promise };
}
