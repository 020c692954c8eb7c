/**
 * The lease for one who does not wait for a holder that lives.
 */
import { describe, expect, it } from "vitest";
import { LeaseHeldError } from "../../src/kubernetes/lease.ts";
import { heldBySomebody, name, passLooks, poll, spec, two } from "./lease-support.ts";
import { never } from "./support.ts";

describe("one who does not wait", () => {
  it("is told who holds the lease, as soon as that one shows that it lives", async () => {
    const { fake, clock, a } = await two();
    const holder = heldBySomebody(fake);
    const trying = failure(a.tryAcquireLease(never));
    await fake.arrival("get leases", 1);
    await passLooks(fake, clock, 2);
    holder.renew();
    await clock.passSleep(poll, poll);
    const error = await trying;
    expect(error).toBeInstanceOf(LeaseHeldError);
    expect(error).toMatchObject({ holder: "somebody", message: "lease prepuller is held by somebody" });
  });

  it("takes the lease of one who does not", async () => {
    const { fake, clock, a } = await two();
    heldBySomebody(fake);
    const trying = a.tryAcquireLease(never);
    await fake.arrival("get leases", 1);
    await passLooks(fake, clock, 7);
    await clock.passSleep(poll, poll);
    await trying;
    expect(spec(fake).leaseTransitions).toBe(8);
  });

  it("takes a lease that is given up meanwhile", async () => {
    const { fake, clock, a } = await two();
    heldBySomebody(fake);
    const trying = a.tryAcquireLease(never);
    await fake.arrival("get leases", 1);
    fake.store.change("leases", `prepuller/${name}`, ({ spec }) => {
      spec.holderIdentity = "";
    });
    await clock.passSleep(poll, poll);
    await trying;
  });

  it("is told of who took over from a dead holder while it looked", async () => {
    const { fake, clock, a } = await two();
    heldBySomebody(fake);
    const trying = failure(a.tryAcquireLease(never));
    await fake.arrival("get leases", 1);
    fake.store.change("leases", `prepuller/${name}`, ({ spec }) => {
      spec.holderIdentity = "somebody else";
    });
    await clock.passSleep(poll, poll);
    expect(await trying).toMatchObject({ holder: "somebody else" });
  });

  it("is told what the API server refuses, at once", async () => {
    const { fake, a } = await two();
    fake.fail("get leases", { status: 403, reason: "Forbidden", message: "no right" });
    expect(await failure(a.tryAcquireLease(never))).toMatchObject({ status: 403, refused: true });
  });

  it("is told that the namespace is not there", async () => {
    const { fake, a } = await two();
    const missing = { status: 404, reason: "NotFound", message: 'namespaces "prepuller" not found' };
    fake.fail("create leases", missing);
    expect(await failure(a.tryAcquireLease(never))).toMatchObject({ status: 404 });
  });

  it("tries five times where the API server is away", async () => {
    const { fake, clock, a } = await two();
    fake.always("get leases", "reset");
    const trying = failure(a.tryAcquireLease(never));
    for (const wait of [500, 1_000, 2_000, 2_500]) await clock.passSleep(wait, wait);
    expect(await trying).toMatchObject({ status: 0, refused: false });
    expect(fake.count("get leases")).toBe(5);
  });
});

const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  await promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error) => error,
  );
