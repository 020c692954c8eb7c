/** Leases: made once, written by who read them last. */
import { describe, expect, it } from "vitest";
import { failure, type RequestsContext } from "./requests-context.ts";

export function leaseRequests(context: RequestsContext): void {
  const { ask, leases, run } = context;

  describe("a lease", () => {
    const name = `${run}-lease`;
    const time = "2077-10-28T12:00:00.000000Z";
    const spec = {
      holderIdentity: "somebody",
      leaseDurationSeconds: 15,
      acquireTime: time,
      renewTime: time,
      leaseTransitions: 0,
    };
    const body = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name }, spec };

    it("is not there, is made once, and reads as it was written", async () => {
      expect(await failure(ask("GET", `${leases()}/${name}`))).toMatchObject({ status: 404 });
      expect((await ask("POST", leases(), { body })).spec).toEqual(spec);
      expect(await failure(ask("POST", leases(), { body }))).toMatchObject({
        status: 409,
        reason: "AlreadyExists",
      });
      expect((await ask("GET", `${leases()}/${name}`)).spec).toEqual(spec);
    });

    it("is written by who read it last only", async () => {
      const read = await ask("GET", `${leases()}/${name}`);
      const write = (holderIdentity: string) =>
        ask("PUT", `${leases()}/${name}`, { body: { ...read, spec: { ...read.spec, holderIdentity } } });
      const written = await write("who was faster");
      expect(written.metadata.uid).toBe(read.metadata.uid);
      expect(await failure(write("who was slower"))).toMatchObject({ status: 409, reason: "Conflict" });
    });

    it("may be nobody's", async () => {
      const read = await ask("GET", `${leases()}/${name}`);
      const free = { ...read, spec: { ...read.spec, holderIdentity: "", leaseDurationSeconds: 1 } };
      const written = await ask("PUT", `${leases()}/${name}`, { body: free });
      expect(written.spec.holderIdentity ?? "").toBe("");
    });

    it("is made anew by who writes what is not there, unless a UID is named", async () => {
      const path = `${leases()}/${name}-2`;
      const metadata = { name: `${name}-2` };
      const made = await ask("PUT", path, { body: { ...body, metadata } });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      await context.target.removeLease(`${name}-2`);
      expect(await failure(ask("PUT", path, { body: made }))).toMatchObject({
        status: 409,
        reason: "Conflict",
      });
    });
  });
}
