/**
 * Counts calls and writes a line for each: for writes and failures always, for reads that went well where the log is to
 * be that full. A thousand people log in at once, and what they read is nothing to look up later.
 */
import { randomUUID } from "node:crypto";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel as Idempotency } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import type { CallKind, MethodMetrics, ServerMetrics } from "../observability/server-metrics.ts";
import type { ObservedCall, Observer, Outcome } from "./observer.ts";

export interface CallLog {
  isLevelEnabled(level: "debug"): boolean;
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
}

const kinds: Readonly<Record<DescMethod["methodKind"], CallKind>> = {
  unary: "unary",
  client_streaming: "client_stream",
  server_streaming: "server_stream",
  bidi_streaming: "bidi_stream",
};

/** Of `services` all calls are counted, and those that write are told. Of others, like health, only failures are told. */
export function callObserver(
  services: { readonly own: DescService; readonly others: readonly DescService[] },
  metrics: ServerMetrics,
  log: CallLog,
): Observer {
  const methods = new Map<DescMethod, MethodMetrics>();
  for (const { typeName, methods: all } of [services.own, ...services.others])
    for (const method of all)
      methods.set(method, metrics.method(kinds[method.methodKind], typeName, method.name));
  const writes = new Set(
    services.own.methods.filter(({ idempotency }) => idempotency !== Idempotency.NO_SIDE_EFFECTS),
  );

  return (method, call) => {
    const counts = methods.get(method);
    const started = performance.now();
    counts?.started();
    return (outcome, message) => {
      const ms = performance.now() - started;
      counts?.handled(nameOf(outcome), ms / 1000);
      // Who leaves is no failure of ours: watches end so, always.
      const isFailure = outcome !== undefined && outcome !== Code.Canceled;
      if (isFailure || writes.has(method)) log.info(line(method, call, ms, outcome, message), "call");
      else if (log.isLevelEnabled("debug")) log.debug(line(method, call, ms, outcome, message), "call");
    };
  };
}

function line(method: DescMethod, call: ObservedCall, ms: number, outcome: Outcome, error?: string) {
  return {
    requestId: requestId(call),
    method: `${method.parent.typeName}/${method.name}`,
    code: nameOf(outcome),
    ms: Math.round(ms * 100) / 100,
    ...(error && { error }),
  };
}

/** As gRPC writes it. */
function nameOf(outcome: Outcome): string {
  return outcome === undefined ? "OK" : (Code[outcome] ?? "Unknown");
}

/** What a caller may choose: enough for any tracer, and nothing that a log could be forged with. */
const acceptable = /^[\w.:/+=@-]{1,128}$/;

function requestId(call: ObservedCall): string {
  const told = call.get("x-request-id")[0]?.toString();
  return told !== undefined && acceptable.test(told) ? told : randomUUID();
}
