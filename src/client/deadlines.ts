/**
 * No call waits for ever: those that name no deadline have one by their method.
 */
import type { Transport } from "@connectrpc/connect";

/** The service lists its registry, and before that perhaps ends a listing that is under way: 2 min each by default. */
const updateMs = 5 * 60_000;
const otherMs = 10_000;

export type DeadlineOf = (method: { readonly name: string }) => number;

export const defaultDeadlines: DeadlineOf = ({ name }) => (name === "UpdateImages" ? updateMs : otherMs);

export function withDeadlines(transport: Transport, deadlineOf: DeadlineOf): Transport {
  return {
    unary: (method, signal, timeoutMs, ...rest) =>
      transport.unary(method, signal, timeoutMs ?? deadlineOf(method), ...rest),
    stream: (method, signal, timeoutMs, ...rest) =>
      transport.stream(method, signal, timeoutMs ?? deadlineOf(method), ...rest),
  };
}
