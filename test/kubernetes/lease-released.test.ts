/**
 * A lease that is given up.
 */
import { describe, expect, it } from "vitest";
import { change, holding, renewal } from "./lease-support.ts";
import { never, open } from "./support.ts";

describe("a lease that is released", () => {
  it("is nobody's, as client-go has it, and not renewed any more", async () => {
    const { fake, clock, lease, spec } = await holding();
    await clock.pass(1_000);
    await lease.release();
    const now = new Date(clock.now()).toISOString().replace("Z", "000Z");
    expect(spec()).toEqual({
      holderIdentity: "",
      leaseDurationSeconds: 1,
      acquireTime: now,
      renewTime: now,
      leaseTransitions: 0,
    });
    expect(lease.lost.aborted).toBe(false);
    expect(clock.sleeps()).toEqual([]);
    const asked = fake.requests.length;
    await clock.pass(60_000);
    expect(fake.requests.length).toBe(asked);
  });

  it("is a successor's at once", async () => {
    const { fake, clock, lease } = await holding();
    const other = await open(fake, {}, clock);
    await lease.release();
    expect((await other.tryAcquireLease(never)).uid).toBe(lease.uid);
    expect(fake.lease("prepuller").spec.leaseTransitions).toBe(1);
  });

  it("is given up also where somebody has put a label to it", async () => {
    const { fake, lease, spec } = await holding();
    change(fake, ({ metadata }) => {
      metadata.labels = { x: "y" };
    });
    await lease.release();
    expect(spec().holderIdentity).toBe("");
  });

  it("is left to who has taken it", async () => {
    const { fake, lease, spec } = await holding();
    change(fake, ({ spec }) => {
      spec.holderIdentity = "somebody";
    });
    await lease.release();
    expect(spec().holderIdentity).toBe("somebody");
  });

  it("is given up in the middle of a renewal", async () => {
    const { fake, clock, lease, spec } = await holding();
    fake.fail("update leases", "hang");
    await renewal(fake, clock);
    await lease.release();
    expect(spec().holderIdentity).toBe("");
  });

  it("is left as it is where the API server is away, which is told", async () => {
    const { fake, cluster, lease, spec } = await holding();
    fake.always("update leases", { status: 500 });
    await lease.release();
    expect(spec().holderIdentity).not.toBe("");
    expect(cluster.log.at(-1)).toContain("warn cannot give up lease prepuller: PUT");
  });

  it("may be released twice", async () => {
    const { fake, lease } = await holding();
    await lease.release();
    await lease.release();
    expect(fake.count("update leases")).toBe(1);
  });
});
