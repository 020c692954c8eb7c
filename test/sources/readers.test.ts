/** The shared suite, for every kind of reader. */

import { googleReader } from "../../src/artifactregistry/google-reader.ts";
import { referencePath } from "../../src/artifactregistry/image-path.ts";
import { dockerReader } from "../../src/registry/docker-reader.ts";
import { staticReader } from "../../src/sources/static-reader.ts";
import { fakeArtifactRegistry, imageOf } from "../support/artifact-registry.ts";
import { plainOptions } from "../support/docker-options.ts";
import { lab, sha } from "../support/domain.ts";
import { silent } from "../support/reader.ts";
import { digestOf, fakeRegistry } from "../support/registry.ts";
import { sourceOf } from "../support/source.ts";
import { describeSource, suiteTags } from "./source-suite.ts";

const hex = (name: string) => sha(Buffer.from(name).toString("hex").slice(0, 40));

describeSource("static", async () => {
  const images = Object.entries(suiteTags).map(([name, digest]) => ({ name, digest: hex(digest) }));
  const source = sourceOf(staticReader(images), { type: "static", resolveTtl: 0 });
  await source.start();
  return {
    source,
    repository: `${lab.registry}/${lab.repository}`,
    resolvesOnDemand: false,
    digest: (tag) => hex(suiteTags[tag]),
    close: async () => source.stop(),
  };
});

describeSource("docker", async () => {
  const registry = await fakeRegistry();
  for (const [tag, content] of Object.entries(suiteTags)) registry.push("sciplat/lab", tag, content);
  const where = { registry: registry.host, repository: "sciplat/lab" };
  const reader = dockerReader(
    {
      ...where,
      ...plainOptions,
    },
    silent,
  );
  const source = sourceOf(reader, where);
  await source.start();
  return {
    source,
    repository: `${registry.host}/sciplat/lab`,
    resolvesOnDemand: true,
    digest: (tag) => digestOf(suiteTags[tag]),
    async close() {
      source.stop();
      await reader.close();
      await registry.close();
    },
  };
});

describeSource("google", async () => {
  const registry = await fakeArtifactRegistry({ maxPage: 2 });
  const byDigest = Map.groupBy(Object.entries(suiteTags), ([, digest]) => digest);
  for (const [digest, tags] of byDigest) {
    registry.images.push(imageOf(hex(digest), { tags: tags.map(([tag]) => tag) }));
  }
  const image = { location: "us-central1", projectId: "p", repository: "r", image: "lab" };
  const options = { ...image, credentialsFile: undefined, endpoint: registry.endpoint };
  const reader = googleReader(options, silent);
  const source = sourceOf(reader, { type: "google", ...referencePath(image), resolveTtl: 0 });
  await source.start();
  return {
    source,
    repository: "us-central1-docker.pkg.dev/p/r/lab",
    resolvesOnDemand: false,
    digest: (tag) => hex(suiteTags[tag]),
    async close() {
      source.stop();
      await reader.close();
      await registry.close();
    },
  };
});
