/**
 * What tests of the lease have in common: prepullers that want it, and somebody who has it.
 */
import type { FakeKubernetes } from "../support/kubernetes-api.ts";
import { type ManualClock, manualClock } from "../support/kubernetes-clock.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { never, open, startFake } from "./support.ts";

export const name = "prepuller";
/** Of the lease, and how often it is looked at. */
const duration = 15_000;
export const poll = duration / 8;

/** Two prepullers of one cluster, by one clock. */
export async function two() {
  const fake = await startFake();
  const clock = manualClock();
  return { fake, clock, a: await open(fake, {}, clock), b: await open(fake, {}, clock) };
}

export const spec = (fake: FakeKubernetes): Json => fake.lease(name).spec;

/** A lease of somebody who renews it only when the test says so. */
export function heldBySomebody(fake: FakeKubernetes, parts: Json = {}): { renew(): void } {
  const times = { acquireTime: "2077-10-28T11:00:00.000000Z", renewTime: "2077-10-28T11:00:00.000000Z" };
  const held = {
    holderIdentity: "somebody",
    leaseDurationSeconds: 15,
    leaseTransitions: 7,
    ...times,
    ...parts,
  };
  fake.store.create("leases", { metadata: { namespace: "prepuller", name, labels: { x: "y" } }, spec: held });
  let renewals = 0;
  return {
    renew: () =>
      void fake.store.change("leases", `prepuller/${name}`, ({ spec }) => {
        renewals += 1;
        spec.renewTime = `2077-10-28T11:00:00.00000${renewals}Z`;
      }),
  };
}

/** Lets the time pass in which a holder is watched, look by look. */
export async function passLooks(fake: FakeKubernetes, clock: ManualClock, looks: number): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    const before = fake.count("get leases");
    await clock.passSleep(poll, poll);
    await fake.arrival("get leases", before + 1);
  }
}

/** Of a lease of 15 s: until the next renewal. */
export const third = 5_000;

/** One that we have. */
export async function holding() {
  const fake = await startFake();
  const clock = manualClock();
  const cluster = await open(fake, {}, clock);
  const lease = await cluster.acquireLease(never);
  const spec = (): Json => fake.lease("prepuller").spec;
  return { fake, clock, cluster, lease, spec };
}

/** Lets a renewal come, and waits until it is answered. */
export async function renewal(fake: FakeKubernetes, clock: ManualClock, wait = third): Promise<void> {
  const before = fake.count("update leases");
  await clock.passSleep(wait, wait);
  await fake.arrival("update leases", before + 1);
}

export const change = (fake: FakeKubernetes, change: (lease: Json) => void) =>
  fake.store.change("leases", `prepuller/${name}`, change);
