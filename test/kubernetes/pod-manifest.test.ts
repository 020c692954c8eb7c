import { describe, expect, it } from "vitest";
import { podManifest } from "../../src/kubernetes/pod-manifest.ts";
import { readPullPod } from "../../src/kubernetes/pod-reading.ts";
import { digestOf } from "../support/kubernetes-objects.ts";
import type { Json } from "../support/kubernetes-store.ts";
import { defaults, nodeNamed, owner, pullOf } from "./support.ts";

const pull = pullOf("w_2077_43", nodeNamed("node-1"));
const manifest = (pod: Partial<typeof defaults.pod> = {}, more: Partial<typeof defaults> = {}): Json =>
  podManifest("name", pull, owner, { ...defaults, ...more, pod: { ...defaults.pod, ...pod } });

describe("the pod of a pull", () => {
  it("is as the design says", () => {
    expect(manifest()).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name: "name",
        labels: {
          "app.kubernetes.io/managed-by": "image-source-prepuller",
          "image-source/lease": "prepuller",
          "image-source/digest-hash": expect.stringMatching(/^[0-9a-f]{16}$/),
          "image-source/node-hash": expect.stringMatching(/^[0-9a-f]{16}$/),
        },
        annotations: {
          "cluster-autoscaler.kubernetes.io/safe-to-evict": "true",
          "image-source/reference": pull.reference,
          "image-source/node": "node-1",
          "image-source/node-uid": "uid-of-node-1",
        },
        ownerReferences: [
          { apiVersion: "coordination.k8s.io/v1", kind: "Lease", name: owner.name, uid: owner.uid },
        ],
      },
      spec: {
        nodeName: "node-1",
        restartPolicy: "Never",
        terminationGracePeriodSeconds: 0,
        activeDeadlineSeconds: 600,
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65534,
          runAsGroup: 65534,
          seccompProfile: { type: "RuntimeDefault" },
        },
        tolerations: [],
        containers: [
          {
            name: "pull",
            image: `registry.example.org/sciplat/lab@${pull.digest}`,
            imagePullPolicy: "IfNotPresent",
            command: ["/bin/true"],
            resources: { requests: { cpu: "1m", memory: "16Mi" }, limits: { cpu: "100m", memory: "16Mi" } },
            securityContext: {
              allowPrivilegeEscalation: false,
              capabilities: { drop: ["ALL"] },
              readOnlyRootFilesystem: true,
            },
          },
        ],
      },
    });
  });

  it("has what is configured", () => {
    const tolerations = [
      {
        key: "dedicated",
        operator: "Equal",
        value: "users",
        effect: "NoSchedule",
        tolerationSeconds: undefined,
      },
      { key: undefined, operator: "Exists", value: "", effect: undefined, tolerationSeconds: undefined },
      { key: "slow", operator: "Exists", value: "", effect: "NoExecute", tolerationSeconds: 60 },
    ] as const;
    const { spec } = manifest(
      { command: ["/bin/sh", "-c", ":"], pullSecret: "login", priorityClassName: "low" },
      { tolerations, pullTimeout: 90_000 },
    );
    expect(spec).toMatchObject({
      activeDeadlineSeconds: 90,
      imagePullSecrets: [{ name: "login" }],
      priorityClassName: "low",
      tolerations: [
        { key: "dedicated", operator: "Equal", value: "users", effect: "NoSchedule" },
        { operator: "Exists" },
        { key: "slow", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 },
      ],
    });
    expect(spec.containers[0].command).toEqual(["/bin/sh", "-c", ":"]);
  });

  it("has further labels and annotations, none of which takes the place of ours", () => {
    const ours = manifest().metadata;
    const forged = (map: Json) => Object.fromEntries(Object.keys(map).map((name) => [name, "forged"]));
    const { labels, annotations } = manifest({
      labels: { team: "science", ...forged(ours.labels) },
      annotations: { "sidecar.istio.io/inject": "false", ...forged(ours.annotations) },
    }).metadata;
    expect(labels).toEqual({ ...ours.labels, team: "science" });
    expect(annotations).toEqual({
      ...ours.annotations,
      "sidecar.istio.io/inject": "false",
      // A hint to somebody else, which an operator may know better.
      "cluster-autoscaler.kubernetes.io/safe-to-evict": "forged",
    });
  });

  it.each([
    ["a host with a port", "localhost:5000/lab:w_1", "localhost:5000/lab"],
    ["no tag", "localhost:5000/lab", "localhost:5000/lab"],
    ["a long path", "ghcr.io/a/b/c:x", "ghcr.io/a/b/c"],
  ])("names the image by its digest only: %s", (_, name, repository) => {
    const digest = digestOf("x");
    const pod: Json = podManifest("n", { ...pull, digest, reference: `${name}@${digest}` }, owner, defaults);
    expect(pod.spec.containers[0].image).toBe(`${repository}@${digest}`);
  });

  it.each([
    ["that is long", "x".repeat(200)],
    ["that is short", "prepuller.of.science"],
  ])("has labels that Kubernetes takes, for a lease with a name %s", (_, name) => {
    const pod: Json = podManifest("n", pull, { ...owner, name }, defaults);
    for (const value of Object.values(pod.metadata.labels)) {
      expect(value).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,61}[A-Za-z0-9]$/);
    }
  });

  it("reads back as the pull that it was made for", () => {
    const { metadata, spec } = manifest();
    const times = { uid: "u", creationTimestamp: "2077-10-28T12:00:00Z" };
    expect(readPullPod({ metadata: { ...metadata, ...times }, spec })).toMatchObject({
      name: "name",
      uid: "u",
      node: "node-1",
      nodeUid: "uid-of-node-1",
      reference: pull.reference,
      digest: pull.digest,
      createTime: Date.parse("2077-10-28T12:00:00Z"),
      phase: "Pending",
    });
  });
});
