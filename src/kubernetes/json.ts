/**
 * Reading of what the API server answers, part by part: what is absent, or not what it should be, has a default. A
 * cluster may be newer or odder than its documentation.
 */

/** Any object of JSON. */
export type Json = Readonly<Record<string, unknown>>;

const nothing: Json = {};

export function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : nothing;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function number(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** Milliseconds since the epoch; undefined where it is no time. */
export function time(value: unknown): number | undefined {
  const milliseconds = Date.parse(text(value));
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
