/** Pods: made once, deleted by their UID, found by their node. */
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Json } from "../support/kubernetes-store.ts";
import { failure, type RequestsContext } from "./requests-context.ts";
import { never } from "./support.ts";

export function podRequests(context: RequestsContext): void {
  const { ask, nodes, pods, run } = context;
  const ofRun = { labelSelector: `run=${run}` };
  const makePod = (name: string) => ask("POST", pods(), { body: podOf(run, name, nodes[0] ?? "") });

  describe("a pod", () => {
    it("is made once, pending and with a UID", async () => {
      const made = await makePod(`${run}-once`);
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(made.status.phase).toBe("Pending");
      const again = await failure(makePod(`${run}-once`));
      expect(again).toMatchObject({ status: 409, reason: "AlreadyExists", refused: true });
      expect(again.message).toBe(`POST ${pods()}: 409: AlreadyExists: pods "${run}-once" already exists`);
    });

    it("has the status that its kubelet gives it", async () => {
      const name = `${run}-once`;
      const waiting = { reason: "ErrImagePull", message: "not found" };
      const container = { name: "pull", image: "x", imageID: "", ready: false, restartCount: 0 };
      const status = { containerStatuses: [{ ...container, state: { waiting } }] };
      await context.target.setPodStatus(name, status);
      const got = await ask("GET", `${pods()}/${name}`);
      expect(got.status.containerStatuses[0]).toMatchObject({ imageID: "", state: { waiting } });
    });

    it("is not deleted by the UID of another one, by its own at once, and then it is not there", async () => {
      const name = `${run}-deleted`;
      const { metadata } = await makePod(name);
      const remove = (uid: string) =>
        ask("DELETE", `${pods()}/${name}`, {
          body: {
            apiVersion: "v1",
            kind: "DeleteOptions",
            gracePeriodSeconds: 0,
            preconditions: { uid },
          },
        });
      expect(await failure(remove(randomUUID()))).toMatchObject({ status: 409, reason: "Conflict" });
      await remove(metadata.uid);
      expect(await failure(ask("GET", `${pods()}/${name}`))).toMatchObject({
        status: 404,
        reason: "NotFound",
        message: `GET ${pods()}/${name}: 404: NotFound: pods "${name}" not found`,
      });
      expect(await failure(remove(metadata.uid))).toMatchObject({ status: 404, reason: "NotFound" });
    });

    it("is found by its node and its phase", async () => {
      const find = async (fieldSelector: string) => {
        const query = { ...ofRun, fieldSelector };
        const answer = await context.admin.ask({ method: "GET", path: "/api/v1/pods", query }, never);
        return (answer as Json).items.map(({ metadata }: Json) => metadata.name);
      };
      expect(await find(`spec.nodeName=${nodes[0]},status.phase=Pending`)).toEqual([`${run}-once`]);
      expect(await find(`spec.nodeName=${nodes[0]},status.phase=Running`)).toEqual([]);
      expect(await find(`spec.nodeName=${nodes[1]},status.phase=Pending`)).toEqual([]);
    });

    it("of other namespaces is not to be listed without the right to", async () => {
      const denied = await failure(ask("GET", "/api/v1/pods"));
      expect(denied).toMatchObject({ status: 403, reason: "Forbidden", refused: true });
      expect(denied.message).toContain("GET /api/v1/pods: 403: Forbidden: pods is forbidden");
    });
  });
}

function podOf(run: string, name: string, nodeName: string): Json {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { run } },
    spec: { nodeName, restartPolicy: "Never", containers: [{ name: "pull", image: "lab:w_2077_43" }] },
  };
}
