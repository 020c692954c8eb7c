/**
 * Reads single fields of requests: checks one by the limits of the contract, and notes what is wrong. What is returned of a
 * field that is wrong is never used.
 */
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { isDnsLabel, isDnsSubdomain } from "../domain/dns-name.ts";
import { isFault } from "../domain/errors.ts";
import { parseReference, type Reference } from "../domain/reference.ts";
import { isTagName } from "../domain/tag.ts";
import { quote, type Violations } from "./violations.ts";

export function readSourceName(source: string, violations: Violations): string {
  violations.expect(
    source === "" || isDnsLabel(source),
    "source",
    `is ${quote(source)}, but has to be a DNS label`,
  );
  return source;
}

export function readNodeName(name: string, field: string, violations: Violations): string {
  violations.expect(
    isDnsSubdomain(name),
    field,
    `is ${quote(name)}, but has to be a DNS-1123 subdomain of 1 to 253 characters`,
  );
  return name;
}

export function readTag(tag: string, field: string, violations: Violations): string {
  violations.expect(isTagName(tag), field, `is ${quote(tag)}, but has to be a tag of 1 to 128 characters`);
  return tag;
}

/** A reference that is none is answered by a violation; what is returned then is never used. */
export function readReference(text: string, violations: Violations): Reference {
  try {
    return parseReference(text);
  } catch (error) {
    if (!isFault(error, "invalid")) throw error;
    violations.add("reference", `is wrong: ${error.message}`);
    return { registry: "", repository: "", tag: "", digest: undefined };
  }
}

/**
 * Nine petabytes are the most that is told apart. The field is named only where it is wrong: a node cache may hold a
 * million of them.
 */
export function readSize(bytes: bigint | undefined, field: () => string, violations: Violations): number {
  const size = Math.min(Number(bytes ?? 0), Number.MAX_SAFE_INTEGER);
  if (size < 0) violations.add(field(), `is ${size}, but has to be 0 or more`);
  return size;
}

// The years 1 to 9999, which is what a Timestamp may hold.
const minSeconds = -62_135_596_800;
const maxSeconds = 253_402_300_799;

export function readTimestamp({ seconds, nanos }: Timestamp, field: string, violations: Violations): number {
  const whole = Number(seconds);
  const fits = whole >= minSeconds && whole <= maxSeconds && nanos >= 0 && nanos <= 999_999_999;
  violations.expect(fits, field, "is no time of the years 1 to 9999");
  return whole * 1000 + nanos / 1e6;
}

export function expectAtMost(
  limit: number,
  list: readonly unknown[],
  field: string,
  violations: Violations,
): void {
  violations.expect(list.length <= limit, field, `has ${list.length} entries, at most ${limit} are allowed`);
}
