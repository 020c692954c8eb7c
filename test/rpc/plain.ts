/**
 * Messages as plain values, so that they compare by their fields; a field that is not set is not there.
 */

/** A copy without what only a message has: its type's name. */
export function plain<T>(message: T): T {
  if (Array.isArray(message)) return message.map(plain) as T;
  if (typeof message !== "object" || message === null) return message;
  const fields = Object.entries(message).filter(
    ([name, value]) => name !== "$typeName" && value !== undefined,
  );
  return Object.fromEntries(fields.map(([name, value]) => [name, plain(value)])) as T;
}
