/**
 * The keys of a service's configuration, with their defaults (architecture 2). What each value may be is in `values.ts`; what
 * several values have to be together, in `combinations.ts`.
 */
import * as v from "valibot";
import { defaultPrepullOptions } from "../domain/prepull-options.ts";
import { belongsTo, ownKeys } from "./kind.ts";
import { log } from "./log-schema.ts";
import { serverTls } from "./server-tls.ts";
import * as value from "./values.ts";

const policy = value.keys({
  number: v.optional(value.integer(0, 1_000_000)),
  age: v.optional(value.duration),
  cutoffDate: v.optional(value.date),
  cutoffVersion: v.optional(value.version),
  cutoffBuild: v.optional(value.integer(0, 2_147_483_647)),
});

const filter = value.keys({
  release: v.optional(policy),
  weekly: v.optional(policy),
  daily: v.optional(policy),
  releaseCandidate: v.optional(policy),
  experimental: v.optional(policy),
  unknown: v.optional(value.oneOf("show", "hide"), "show"),
});

const tags = v.optional(v.pipe(v.array(value.tag), v.maxLength(100, "may have at most 100 tags")), []);
const count = value.integer(0, 1000);

/** What every source has. */
const common = {
  name: value.label,
  refreshInterval: v.optional(value.timer(), "5m"),
  refreshTimeout: v.optional(value.timer(1), "2m"),
  recommendedTag: v.optional(value.tagOrNone, defaultPrepullOptions.recommendedTag),
  aliasTags: tags,
  pin: tags,
  cycle: v.optional(value.integer(0, 2_147_483_647)),
  numReleases: v.optional(count, defaultPrepullOptions.numReleases),
  numWeeklies: v.optional(count, defaultPrepullOptions.numWeeklies),
  numDailies: v.optional(count, defaultPrepullOptions.numDailies),
  filter: v.optional(filter, {}),
};

const path = { registry: value.registry, repository: value.repository };

const docker = v.object({
  type: v.literal("docker"),
  ...common,
  ...path,
  scheme: v.optional(value.oneOf("https", "http"), "https"),
  caFile: v.optional(value.file),
  clientCertificate: v.optional(value.keys({ certificateFile: value.file, keyFile: value.file })),
  insecureSkipVerify: v.optional(value.boolean, false),
  credentialsFile: v.optional(value.file),
  authHosts: v.optional(v.array(value.host), []),
  maxRequests: v.optional(value.integer(1, 100), 4),
  budget: v.optional(
    value.keys({
      pages: v.optional(value.integer(1, 1_000_000), 1000),
      tags: v.optional(value.integer(1, 10_000_000), 200_000),
      bytes: v.optional(value.size, "256MiB"),
    }),
    {},
  ),
  resolveTtl: v.optional(value.timer(), "30s"),
});

const staticNode = value.keys({
  name: value.nodeName,
  images: v.optional(v.array(value.tag), []),
  ineligibleReason: v.optional(
    value.text("a text", () => true),
    "",
  ),
  architecture: v.optional(
    value.text("a text", () => true),
    "",
  ),
  partial: v.optional(value.boolean, false),
});

const statics = v.object({
  type: v.literal("static"),
  ...common,
  ...path,
  images: v.array(
    value.keys({ tag: value.tag, digest: v.optional(value.digest), size: v.optional(value.bytes) }),
  ),
  nodes: v.optional(v.pipe(v.array(staticNode), v.maxLength(20_000, "may have at most 20000 nodes")), []),
});

const google = v.object({
  type: v.literal("google"),
  ...common,
  location: value.label,
  projectId: value.projectId,
  repository: value.label,
  image: value.repository,
  credentialsFile: v.optional(value.file),
  endpoint: v.optional(value.endpoint),
});

/** One source, whatever its type. */
export const source = v.pipe(value.map, v.variant("type", [docker, google, statics]));

const ofPrepuller = value.refused(belongsTo("prepuller"));
const keysOfPrepuller: Record<string, typeof ofPrepuller> = Object.fromEntries(
  ownKeys.prepuller.map((key) => [key, ofPrepuller]),
);

export const schema = value.keys({
  grpc: v.optional(
    value.keys({
      address: v.optional(value.address, "127.0.0.1:50051"),
      tls: v.optional(serverTls),
      tokensFile: v.optional(value.file),
      maxConcurrentStreams: v.optional(value.integer(1, 1_000_000), 200),
    }),
    {},
  ),
  http: v.optional(
    value.keys({
      address: v.optional(value.address, "127.0.0.1:8080"),
      tls: v.optional(serverTls),
      cors: v.optional(value.keys({ allowedOrigins: v.optional(v.array(value.origin), []) }), {}),
    }),
    {},
  ),
  shutdown: v.optional(
    value.keys({ wait: v.optional(value.timer(), "5s"), grace: v.optional(value.timer(), "20s") }),
    {},
  ),
  stateDirectory: v.optional(value.directory),
  log,
  sources: v.pipe(v.array(source), v.minLength(1, "has to name at least one source")),
  ...keysOfPrepuller,
});

export type Written = v.InferOutput<typeof schema>;
export type WrittenSource = Written["sources"][number];
