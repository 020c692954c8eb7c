/**
 * What stands in a lease of the API, and how it is written: pure. The rules are those of client-go's leader election, so
 * that whatever else reads a lease understands it.
 */
import { type Json, number, object, text } from "./json.ts";

export interface LeaseRecord {
  readonly uid: string;
  /** Empty: nobody's. */
  readonly holder: string;
  /** How long its holder may be silent; undefined: not told. */
  readonly durationMs: number | undefined;
  /** As it was read, with what others have put to it. */
  readonly json: Json;
}

/** How a lease is held by us. */
export interface Holding {
  readonly identity: string;
  readonly durationMs: number;
}

export function readLease(value: unknown): LeaseRecord {
  const json = object(value);
  const { holderIdentity, leaseDurationSeconds } = object(json.spec);
  const seconds = number(leaseDurationSeconds);
  return {
    uid: text(object(json.metadata).uid),
    holder: text(holderIdentity),
    durationMs: seconds !== undefined && seconds > 0 ? seconds * 1_000 : undefined,
    json,
  };
}

export function newLease(name: string, namespace: string, holding: Holding, now: number): object {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name, namespace },
    spec: { ...held(holding, now), acquireTime: microTime(now), leaseTransitions: 0 },
  };
}

/** The same lease, ours from now on. */
export function taken({ json, holder }: LeaseRecord, holding: Holding, now: number): object {
  const { leaseTransitions } = object(json.spec);
  const transitions = (number(leaseTransitions) ?? 0) + (holder === holding.identity ? 0 : 1);
  return withSpec(json, {
    ...held(holding, now),
    acquireTime: microTime(now),
    leaseTransitions: transitions,
  });
}

/** The same lease, ours as before. */
export function renewed({ json }: LeaseRecord, holding: Holding, now: number): object {
  return withSpec(json, held(holding, now));
}

/** The same lease, nobody's. */
export function released({ json }: LeaseRecord, now: number): object {
  const at = microTime(now);
  const spec = { holderIdentity: "", leaseDurationSeconds: 1, acquireTime: at, renewTime: at };
  return withSpec(json, spec);
}

function held({ identity, durationMs }: Holding, now: number): Json {
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.max(1, Math.round(durationMs / 1_000)),
    renewTime: microTime(now),
  };
}

/** With the version that it was read in: it is written only where nobody was faster. */
function withSpec(json: Json, spec: Json): object {
  return { ...json, spec: { ...object(json.spec), ...spec } };
}

/** `2077-10-28T12:00:00.000000Z`: six digits, or the API server refuses it. */
function microTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}
