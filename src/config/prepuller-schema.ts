/**
 * The keys of a prepuller's configuration, with their defaults (architecture 2). What each value may be is in
 * `values.ts` and in the files of Kubernetes' kinds of value.
 */
import * as v from "valibot";
import { belongsTo, ownKeys } from "./kind.ts";
import { annotations, labels } from "./labels.ts";
import { log } from "./log-schema.ts";
import { resources } from "./resources.ts";
import { service } from "./service-access.ts";
import { tolerations } from "./tolerations.ts";
import * as value from "./values.ts";

const ofService = value.refused(belongsTo("service"));
const keysOfService: Record<string, typeof ofService> = Object.fromEntries(
  ownKeys.service.map((key) => [key, ofService]),
);

const sources = v.pipe(
  v.array(value.label),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [index, name] of dataset.value.entries()) {
      const first = dataset.value.indexOf(name);
      const path: [v.ArrayPathItem] = [
        { type: "array", origin: "value", input: dataset.value, key: index, value: name },
      ];
      if (first < index) addIssue({ path, message: `is ${name}, as is sources[${first}]` });
    }
  }),
);

const pod = value.keys({
  // Without a command the image's own would run.
  command: v.optional(
    v.pipe(
      v.array(value.text("a text that is not empty", (text) => text !== "")),
      v.minLength(1, "has to name a program"),
    ),
    ["/bin/true"],
  ),
  pullSecret: v.optional(value.objectName),
  priorityClassName: v.optional(value.objectName),
  labels: v.optional(labels, {}),
  annotations: v.optional(annotations, {}),
  resources: v.optional(resources, {}),
});

export const schema = value.keys({
  service: v.optional(service, {}),
  sources: v.optional(sources, []),
  kubeconfig: v.optional(value.file),
  namespace: v.optional(value.label),
  nodeSelector: v.optional(labels, {}),
  tolerations,
  refreshInterval: v.optional(value.timer(1000), "5m"), // every round lists a registry
  maxConcurrentNodes: v.optional(value.integer(1, 20_000), 50),
  pullTimeout: v.optional(value.timer(1000), "10m"),
  nodeStatusLag: v.optional(value.timer(), "60s"),
  nodeStatusMaxImages: v.optional(value.integer(-1, 1_000_000), 50),
  waitForUsers: v.optional(value.boolean, false),
  requestsPerSecond: v.optional(value.integer(1, 10_000), 20),
  pod: v.optional(pod, {}),
  lease: v.optional(
    value.keys({
      name: v.optional(value.objectName, "image-source-prepuller"),
      // It is renewed several times within: below, one slow answer of the API server loses it.
      duration: v.optional(value.timer(5000), "15s"),
    }),
    {},
  ),
  metrics: v.optional(value.keys({ address: v.optional(value.address, "127.0.0.1:8081") }), {}),
  log,
  ...keysOfService,
});
