/**
 * Fills one registry of each kind, once for the whole run. Every test file starts a registry on its storage, or on a copy.
 */
import type { TestProject } from "vitest/node";
import * as content from "./content.ts";
import { crane, push } from "./crane.ts";
import { putTags } from "./manifests.ts";
import { newRegistry, type RegistryKind, registryKinds } from "./registry.ts";

/** A filled registry, as tests get it. */
export interface Seeded {
  /** Directory for a registry to serve. */
  readonly storage: string;
  /** The digests as crane tells them. */
  readonly digests: Readonly<Record<content.ImageName, string>>;
}

declare module "vitest" {
  interface ProvidedContext {
    seeded: Record<RegistryKind, Seeded>;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  const kinds = Object.keys(registryKinds) as RegistryKind[];
  const seeded = await Promise.all(kinds.map(async (kind) => [kind, await seed(kind)] as const));
  project.provide("seeded", Object.fromEntries(seeded) as Record<RegistryKind, Seeded>);
}

async function seed(kind: RegistryKind): Promise<Seeded> {
  const registry = await newRegistry(kind);
  await registry.start();
  try {
    const lab = `${registry.host}/${content.labRepository}`;
    for (const [name, [first, ...others]] of Object.entries(content.labImages)) {
      await push(`${lab}:${first}`, name, name === "w44arm64" ? "linux/arm64" : "linux/amd64");
      for (const tag of others) await crane("tag", `${lab}:${first}`, tag);
    }
    for (const [first, ...others] of Object.values(content.labIndex)) {
      await crane(
        "index",
        "append",
        "-m",
        `${lab}:w_2077_44-amd64`,
        "-m",
        `${lab}:w_2077_44-arm64`,
        "-t",
        `${lab}:${first}`,
      );
      for (const tag of others) await crane("tag", `${lab}:${first}`, tag);
    }
    const all = Object.entries({ ...content.labImages, ...content.labIndex });
    const digests = Object.fromEntries(
      await Promise.all(all.map(async ([name, [tag]]) => [name, await crane("digest", `${lab}:${tag}`)])),
    ) as Seeded["digests"];
    await crane("tag", `${lab}:MiXeD_CaSe`, content.signature(digests.w44));

    const [first, ...others] = content.manyTags;
    await push(`${registry.host}/${content.manyRepository}:${first}`, "many", "linux/amd64");
    await putTags(registry.host, content.manyRepository, first ?? "", others);
    return { storage: registry.storage, digests };
  } finally {
    await registry.stop();
  }
}
