/** Under which path a registry is asked for our repository. */
import { describe, expect, it } from "vitest";
import { failure } from "../support/registry.ts";
import { failureOf, listAll, never, readerOf, startRegistry } from "./reader.ts";

const jfrog = { "x-jfrog-version": "Artifactory/7.104.5 80405900" };
const unknown = (headers: Record<string, string> = jfrog) =>
  failure(404, "NAME_UNKNOWN", "not here", headers);
const paths = (registry: { requests: { path: string }[] }) => registry.requests.map(({ path }) => path);

/** A registry that answers like this where it knows nothing, and has the repository given. */
async function artifactory(has: string | undefined, headers: Record<string, string> = jfrog) {
  const registry = await startRegistry({ repositories: has === undefined ? {} : { [has]: ["a", "b"] } });
  registry.rule({
    path: /^\/v2\//,
    reply: ({ path }) => (has !== undefined && path.startsWith(`/v2/${has}/`) ? undefined : unknown(headers)),
  });
  const reader = (repository: string) => readerOf(registry, { options: { repository } });
  return { registry, reader };
}

describe("case 118: an official image in Artifactory", () => {
  it("is found below library/, and asked for there from then on", async () => {
    const { registry, reader } = await artifactory("hub/library/ubuntu");
    const ubuntu = reader("hub/ubuntu");
    expect((await listAll(ubuntu)).names).toEqual(["a", "b"]);
    expect(await ubuntu.resolve("a", never)).toMatch(/^sha256:/);
    expect((await listAll(ubuntu)).names).toEqual(["a", "b"]);
    expect(paths(registry)).toEqual([
      "/v2/hub/ubuntu/tags/list",
      "/v2/hub/library/ubuntu/tags/list",
      "/v2/hub/library/ubuntu/manifests/a",
      "/v2/hub/library/ubuntu/tags/list",
    ]);
  });

  it("is read from page to page there", async () => {
    const { registry, reader } = await artifactory("hub/library/ubuntu");
    const [first, second] = ["n=1000", "last=b"];
    registry.rule({
      path: "/v2/hub/library/ubuntu/tags/list",
      reply: ({ query }) => ({
        status: 200,
        headers: query === first ? { link: `</v2/library/ubuntu/tags/list?${second}>; rel="next"` } : {},
        body: { tags: query === first ? ["a", "b"] : ["c"] },
      }),
    });
    expect((await listAll(reader("hub/ubuntu"))).names).toEqual(["a", "b", "c"]);
    expect(registry.requests.map(({ path, query }) => `${path}?${query}`).slice(1)).toEqual([
      `/v2/hub/library/ubuntu/tags/list?${first}`,
      `/v2/hub/library/ubuntu/tags/list?${second}`,
    ]);
  });

  it("that has moved to where it is configured is found there again", async () => {
    const { registry, reader } = await artifactory("hub/library/ubuntu");
    const ubuntu = reader("hub/ubuntu");
    await listAll(ubuntu);
    registry.rule({ path: /library/, reply: unknown() });
    registry.rule({ path: "/v2/hub/ubuntu/tags/list", reply: { status: 200, body: { tags: ["moved"] } } });
    expect((await listAll(ubuntu)).names).toEqual(["moved"]);
  });

  it.each([
    ["is nowhere", 404],
    ["may not be read below library/", 403],
  ])("that %s is not found where it is configured", async (_, status) => {
    const { registry, reader } = await artifactory(undefined);
    if (status !== 404) registry.rule({ path: /library/, reply: failure(status, "DENIED", "no", jfrog) });
    const error = await failureOf(listAll(reader("hub/ubuntu")));
    expect(error).toMatchObject({ fault: "repository_not_found" });
    expect(error.message).toBe(
      `GET /v2/hub/ubuntu/tags/list at ${registry.host} was answered with 404: NAME_UNKNOWN: not here`,
    );
    expect(registry.requests).toHaveLength(2);
  });

  it.each([
    ["in another registry", "hub/ubuntu", {}],
    ["with a longer path", "hub/org/image", jfrog],
    ["with a shorter path", "ubuntu", jfrog],
  ])("is looked for nowhere else %s", async (_, repository, headers) => {
    const { registry, reader } = await artifactory(undefined, headers);
    await failureOf(listAll(reader(repository)));
    expect(registry.requests).toHaveLength(1);
  });
});
