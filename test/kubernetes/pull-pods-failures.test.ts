/**
 * Pods that cannot be made or deleted, for now or at all.
 */
import { describe, expect, it } from "vitest";
import { cluster, failure, pull } from "./pull-pods-support.ts";
import { open, owner } from "./support.ts";

describe("a pod that is made", () => {
  it.each([
    ["the quota", "exceeded quota: none, requested: pods=1, used: pods=0, limited: pods=0"],
    ["pod security", 'violates PodSecurity "restricted:latest": privileged'],
  ])("is refused by %s, with what the API server says, and not tried again", async (_, message) => {
    const { fake, create } = await cluster();
    fake.fail("create pods", { status: 403, reason: "Forbidden", message });
    const error = await failure(create());
    expect(error).toMatchObject({ status: 403, reason: "Forbidden", refused: true });
    expect(error.message).toBe(`POST /api/v1/namespaces/prepuller/pods: 403: Forbidden: ${message}`);
    expect(fake.count("create pods")).toBe(1);
  });

  it.each([
    ["500", { status: 500 }],
    ["503", { status: 503 }],
    ["504", { status: 504 }],
    ["a conflict about the quota", { status: 409, reason: "Conflict", message: "resourcequotas" }],
    ["a reset", "reset"],
  ] as const)("is made again after %s", async (_, reply) => {
    const { fake, clock, create } = await cluster();
    fake.fail("create pods", reply, reply);
    const making = create();
    await clock.passSleep(250, 250);
    await clock.passSleep(500, 500);
    await making;
    expect([fake.count("create pods"), fake.pods().length]).toEqual([3, 1]);
  });

  it("is made again after 429, when the API server says", async () => {
    const { fake, clock, create } = await cluster();
    fake.fail("create pods", { status: 429, reason: "TooManyRequests", retryAfter: 3 });
    const making = create();
    await clock.passSleep(3_000, 3_500);
    await making;
  });

  it("is the one that was made where the answer was lost", async () => {
    const { fake, clock, create } = await cluster();
    fake.fail("create pods", "done, then reset");
    const making = create();
    await clock.passSleep(250, 250);
    expect((await making).uid).toBe(fake.pods()[0].metadata.uid);
    expect(fake.pods()).toHaveLength(1);
  });

  it("is given up after five failures, which is not to be refused", async () => {
    const { fake, clock, create } = await cluster();
    fake.always("create pods", { status: 500, message: "webhook is down" });
    const failing = failure(create());
    for (const wait of [250, 500, 1_000, 2_000]) await clock.passSleep(wait, wait);
    expect(await failing).toMatchObject({ status: 500, refused: false });
    expect(fake.count("create pods")).toBe(5);
  });

  it("is not waited for by who has gone", async () => {
    const { fake } = await cluster();
    fake.always("create pods", "hang");
    const gone = new AbortController();
    const making = (await open(fake)).watched().createPod(pull, owner, gone.signal);
    await fake.arrival("create pods", 1);
    gone.abort(new Error("the lease is lost"));
    await expect(making).rejects.toThrow("the lease is lost");
  });
});

describe("a pod that is deleted", () => {
  it("is gone at once", async () => {
    const { fake, create, remove } = await cluster();
    await remove(await create());
    expect(fake.pods()).toEqual([]);
    const deletion = fake.requests.find(({ verb }) => verb === "delete"); // feeds ask at the same time
    expect(deletion?.body).toMatchObject({ gracePeriodSeconds: 0 });
  });

  it("may be gone already", async () => {
    const { fake, create, remove } = await cluster();
    const pod = await create();
    fake.removePod(pod.name);
    await remove(pod);
  });

  it("is not another one of that name", async () => {
    const { fake, create, remove } = await cluster();
    const pod = await create();
    fake.removePod(pod.name);
    const other = await create();
    await remove(pod);
    expect(fake.pods().map(({ metadata }) => metadata.uid)).toEqual([other.uid]);
  });

  it("is deleted again after a failure, also where it was done", async () => {
    const { fake, clock, create, remove } = await cluster();
    const pod = await create();
    fake.fail("delete pods", { status: 500 }, "done, then reset");
    const removing = remove(pod);
    await clock.passSleep(250, 250);
    await clock.passSleep(500, 500);
    await removing;
    expect(fake.pods()).toEqual([]);
  });

  it("stays where it may not be deleted", async () => {
    const { fake, create, remove } = await cluster();
    const pod = await create();
    fake.fail("delete pods", { status: 403, reason: "Forbidden", message: "no right" });
    expect(await failure(remove(pod))).toMatchObject({ status: 403, refused: true });
  });
});
