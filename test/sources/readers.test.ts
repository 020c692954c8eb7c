/** The shared suite, for every kind of reader. */

import { dockerReader } from "../../src/registry/docker-reader.ts";
import { staticReader } from "../../src/sources/static-reader.ts";
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
