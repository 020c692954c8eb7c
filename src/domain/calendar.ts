/**
 * Days and ISO weeks as milliseconds since the epoch, UTC. Impossible ones are undefined; years are 1 to 9999.
 */

const day = 24 * 60 * 60 * 1000;

/** 00:00 of a day. */
export function dateOfDay(year: number, month: number, dayOfMonth: number): number | undefined {
  if (year < 1 || year > 9999) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, dayOfMonth); // unlike Date.UTC it does not move the years 1 to 99 to 1901
  const exists =
    date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === dayOfMonth;
  return exists ? date.getTime() : undefined;
}

/** 00:00 of the Thursday of an ISO week: the day that decides which year the week belongs to. */
export function thursdayOfWeek(year: number, week: number): number | undefined {
  const fourth = dateOfDay(year, 1, 4); // always in week 1
  if (fourth === undefined || week < 1 || week > 53) return undefined;
  const daysSinceMonday = (new Date(fourth).getUTCDay() + 6) % 7;
  const thursday = fourth + (3 - daysSinceMonday + 7 * (week - 1)) * day;
  return new Date(thursday).getUTCFullYear() === year ? thursday : undefined;
}
