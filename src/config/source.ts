/**
 * Makes the configuration of one source from what is written: names as the rest of the program has them, absolute
 * paths, the nodes of a static source as a node cache.
 */
import type { MenuFilter, TypePolicy } from "../domain/menu-filter.ts";
import { type NodeCache, noNodes } from "../domain/node-cache.ts";
import type { CommonSourceConfig, SourceConfig } from "./config.ts";
import type { WrittenSource } from "./schema.ts";

type WrittenStatic = Extract<WrittenSource, { type: "static" }>;

/** `atPath` makes a path absolute; `now` in milliseconds since the epoch. */
export function sourceOf(source: WrittenSource, atPath: (path: string) => string, now: number): SourceConfig {
  const optionalPath = (path: string | undefined) => (path === undefined ? undefined : atPath(path));
  const common = commonOf(source);
  switch (source.type) {
    case "static": {
      const { registry, repository } = source;
      const images = source.images.map(({ tag, digest, size }) => ({ name: tag, digest, size }));
      const nodeCache = nodeCacheOf(source, now);
      return { type: "static", ...common, registry, repository, resolveTtl: 0, nodeCache, images };
    }
    case "google": {
      const { location, projectId, repository, image, endpoint } = source;
      const credentialsFile = optionalPath(source.credentialsFile);
      const where = { location, projectId, repository, image, credentialsFile, endpoint };
      return { type: "google", ...common, ...where, resolveTtl: 0, nodeCache: noNodes };
    }
    case "docker": {
      const { registry, repository, scheme, insecureSkipVerify, authHosts, maxRequests, budget, resolveTtl } =
        source;
      const { clientCertificate: certificate } = source;
      return {
        type: "docker",
        ...common,
        registry,
        repository,
        resolveTtl,
        nodeCache: noNodes,
        scheme,
        insecureSkipVerify,
        authHosts,
        maxRequests,
        budget,
        caFile: optionalPath(source.caFile),
        credentialsFile: optionalPath(source.credentialsFile),
        clientCertificate: certificate && {
          certificateFile: atPath(certificate.certificateFile),
          keyFile: atPath(certificate.keyFile),
        },
      };
    }
  }
}

function commonOf(source: WrittenSource): Omit<CommonSourceConfig, "resolveTtl" | "nodeCache"> {
  const { name, refreshInterval, refreshTimeout, filter } = source;
  const { recommendedTag, numReleases, numWeeklies, numDailies, cycle, pin, aliasTags } = source;
  const prepull = { recommendedTag, numReleases, numWeeklies, numDailies, cycle, pin, aliasTags };
  return { name, refreshInterval, refreshTimeout, prepull, filter: filterOf(filter) };
}

function filterOf({
  release,
  weekly,
  daily,
  releaseCandidate,
  experimental,
  unknown,
}: WrittenSource["filter"]): MenuFilter {
  const written = { release, weekly, daily, release_candidate: releaseCandidate, experimental };
  const policies: Partial<Record<keyof typeof written, TypePolicy>> = {};
  for (const type of Object.keys(written) as (keyof typeof written)[]) {
    const policy = written[type];
    if (policy) policies[type] = { ...anything, ...policy };
  }
  return { policies, hideUnknown: unknown === "hide" };
}

const anything: TypePolicy = {
  number: undefined,
  age: undefined,
  cutoffDate: undefined,
  cutoffVersion: undefined,
  cutoffBuild: undefined,
};

/** A node lists an image by its digest, and one without a digest by its tag, as real nodes do. */
function nodeCacheOf({ registry, repository, images, nodes }: WrittenStatic, now: number): NodeCache {
  const byTag = new Map(images.map((image) => [image.tag, image]));
  const cachedImage = (tag: string) => {
    const { digest, size } = byTag.get(tag) ?? {};
    const name = `${registry}/${repository}`;
    return { names: [digest === undefined ? `${name}:${tag}` : `${name}@${digest}`], size: size ?? 0 };
  };
  return {
    readTime: now,
    nodes: nodes.map(({ name, ineligibleReason, architecture, partial, images: tags }) => {
      return {
        name,
        ineligibleReason,
        architecture,
        partial,
        createTime: undefined,
        images: tags.map(cachedImage),
      };
    }),
  };
}
