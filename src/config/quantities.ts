/**
 * Durations and sizes as the configuration writes them: `90s`, `5m`, `64KiB`.
 */

const durations: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const sizes: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Milliseconds of `0`, `90s`, `5m`, `1h`, `2d` or `3w`; undefined for anything else. */
export function parseDuration(value: unknown): number | undefined {
  return value === 0 || value === "0" ? 0 : quantity(value, durations);
}

/** Bytes of `512B`, `64KiB`, `256MiB` or `1GiB`; undefined for anything else. */
export function parseSize(value: unknown): number | undefined {
  return quantity(value, sizes);
}

function quantity(value: unknown, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit = ""] = (typeof value === "string" && /^(\d{1,12})([A-Za-z]+)$/.exec(value)) || [];
  if (digits === undefined || !Object.hasOwn(units, unit)) return undefined;
  const amount = Number(digits) * (units[unit] ?? 0);
  return Number.isSafeInteger(amount) ? amount : undefined;
}
