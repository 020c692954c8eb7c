/**
 * What values have to be together, where each by itself is allowed.
 */
import type { WrittenSource } from "./schema.ts";

/**
 * Everything that does not go together: a sentence each, beginning with the path of a key. A source that is wrong by
 * itself is undefined.
 */
export function impossibleCombinations(sources: readonly (WrittenSource | undefined)[]): string[] {
  const names = sources.map((source) => source?.name);
  return [
    ...repeated(names, (index) => `sources[${index}].name`),
    ...sources.flatMap((source, index) => {
      if (!source) return [];
      const at = `sources[${index}]`;
      if (source.type === "docker") return ofDocker(source, at);
      return source.type === "static" ? ofStatic(source, at) : [];
    }),
  ];
}

function ofDocker(source: Extract<WrittenSource, { type: "docker" }>, at: string): string[] {
  const { scheme, caFile, clientCertificate, insecureSkipVerify } = source;
  const ofTls = { caFile, clientCertificate, insecureSkipVerify: insecureSkipVerify || undefined };
  return Object.entries(ofTls)
    .filter(([, value]) => scheme === "http" && value !== undefined)
    .map(([key]) => `${at}.${key} has to be absent where scheme is http`);
}

function ofStatic({ images, nodes }: Extract<WrittenSource, { type: "static" }>, at: string): string[] {
  const tags = images.map(({ tag }) => tag);
  const known = new Set(tags);
  const unknown = nodes.flatMap((node, place) =>
    node.images.flatMap((tag, image) =>
      known.has(tag)
        ? []
        : [`${at}.nodes[${place}].images[${image}] is ${tag}, which is no tag of this source`],
    ),
  );
  return [
    ...repeated(tags, (index) => `${at}.images[${index}].tag`),
    ...repeated(
      nodes.map(({ name }) => name),
      (index) => `${at}.nodes[${index}].name`,
    ),
    ...unknown,
  ];
}

/** Each value that stands a second time. */
function repeated(values: readonly (string | undefined)[], pathOf: (index: number) => string): string[] {
  const places = new Map<string, number>();
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const first = places.get(value);
    if (first !== undefined) return [`${pathOf(index)} is ${value}, as is ${pathOf(first)}`];
    places.set(value, index);
    return [];
  });
}
