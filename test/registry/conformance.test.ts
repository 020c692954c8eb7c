/**
 * That the fake registry of these tests is a registry: the parts of the OCI distribution specification that a reader
 * goes by, asked as its conformance suite asks them, without our reader.
 */
import { describe, expect, it } from "vitest";
import { digestOf, indexType, manifestType } from "../support/registry.ts";
import { startRegistry } from "./reader.ts";

const name = "conformance/image";
const missing = `sha256:${"0".repeat(64)}`;
const manifest = '{"schemaVersion":2,"layers":[]}';

async function conformant() {
  const registry = await startRegistry({
    repositories: { [name]: [], [`${name}s`]: ["other"] },
    maxPage: 100,
  });
  const tags = ["test0", "test1", "TEST2", "test3"];
  const digest = registry.push(name, "test0", manifest);
  for (const tag of tags.slice(1)) registry.push(name, tag);
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${registry.origin}${path}`, init);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return { registry, digest, tags, ask };
}

describe("case 143: TestListTags", () => {
  const list = `/v2/${name}/tags/list`;

  it("answers with the name and all tags in lexical order", async () => {
    const { ask, tags } = await conformant();
    const { status, headers, text } = await ask(list);
    expect(status).toBe(200);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("link")).toBeNull();
    expect(JSON.parse(text)).toEqual({ name, tags: tags.toSorted() });
  });

  it("limits them by n, and links to the rest with the same n", async () => {
    const { ask } = await conformant();
    const { headers, text } = await ask(`${list}?n=2`);
    expect(JSON.parse(text).tags).toEqual(["TEST2", "test0"]);
    const [, next = ""] = /^<([^>]+)>; rel="next"$/.exec(headers.get("link") ?? "") ?? [];
    expect(next).toBe(`${list}?last=test0&n=2`);
    const second = await ask(next);
    expect(JSON.parse(second.text).tags).toEqual(["test1", "test3"]);
    expect(second.headers.get("link")).toBeNull();
  });

  it.each([
    ["begins after last, which itself is left out", "n=2&last=test0", ["test1", "test3"]],
    ["begins after a last that is not there", "n=2&last=test00", ["test1", "test3"]],
    ["takes last without n", "last=test1", ["test3"]],
    ["has nothing after the last one", "last=test3", []],
    ["has nothing for an n of 0, and no link", "n=0", []],
  ])("%s", async (_, query, expected) => {
    const { ask } = await conformant();
    const { status, headers, text } = await ask(`${list}?${query}`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ name, tags: expected });
    expect(headers.get("link")).toBeNull();
  });

  it("refuses an n that is no number", async () => {
    const { ask } = await conformant();
    const { status, text } = await ask(`${list}?n=many`);
    expect(status).toBe(400);
    expect(JSON.parse(text).errors[0].code).toBe("PAGINATION_NUMBER_INVALID");
  });
});

describe("case 143: TestEmptyTagList", () => {
  it("answers with an empty list after the last tag has gone", async () => {
    const { ask, registry, tags } = await conformant();
    for (const tag of tags) registry.remove(name, tag);
    const { status, text } = await ask(`/v2/${name}/tags/list`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ name, tags: [] });
  });

  it("answers with 404 and a code where there is no such repository", async () => {
    const { ask } = await conformant();
    const { status, text } = await ask("/v2/conformance/none/tags/list");
    expect(status).toBe(404);
    expect(JSON.parse(text).errors).toEqual([
      { code: "NAME_UNKNOWN", message: expect.any(String), detail: null },
    ]);
  });
});

describe("case 143: TestHeadManifestTag, TestHeadManifestDigest, TestPullManifestTag, TestPullManifestDigest", () => {
  const methods = ["HEAD", "GET"] as const;
  const cases = methods.flatMap((method) => [
    [method, "tag"] as const,
    [method, "digest"] as const,
    [method, "digest, written with %3A"] as const,
  ]);

  it.each(cases)("%s by %s tells digest, type and length", async (method, by) => {
    const { ask, digest } = await conformant();
    const reference = by === "tag" ? "test0" : by === "digest" ? digest : digest.replace(":", "%3A");
    const accept = `${indexType}, ${manifestType}`;
    const answer = await ask(`/v2/${name}/manifests/${reference}`, { method, headers: { accept } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("docker-content-digest")).toBe(digestOf(manifest));
    expect(answer.headers.get("content-type")).toBe(manifestType);
    expect(answer.headers.get("content-length")).toBe(String(manifest.length));
    expect(answer.text).toBe(method === "HEAD" ? "" : manifest);
  });

  it.each(methods.flatMap((method) => [[method, "none"] as const, [method, missing] as const]))(
    "%s of %s, which is not there, is answered with 404",
    async (method, reference) => {
      const { ask } = await conformant();
      const { status, text } = await ask(`/v2/${name}/manifests/${reference}`, { method });
      expect(status).toBe(404);
      if (method === "HEAD") expect(text).toBe("");
      else expect(JSON.parse(text).errors[0].code).toBe("MANIFEST_UNKNOWN");
    },
  );

  it("a manifest stays when its tag moves on, and only in its own repository", async () => {
    const { ask, registry, digest } = await conformant();
    const moved = registry.push(name, "test0", "{}");
    const now = await ask(`/v2/${name}/manifests/test0`);
    expect(now.headers.get("docker-content-digest")).toBe(moved);
    expect((await ask(`/v2/${name}/manifests/${digest}`)).text).toBe(manifest);
    expect((await ask(`/v2/${name}s/manifests/${digest}`)).status).toBe(404);
  });

  it("who takes everything, or does not say, gets what there is; who takes other types does not", async () => {
    const { ask } = await conformant();
    const statuses = await Promise.all(
      ["*/*", manifestType, "application/vnd.docker.distribution.manifest.v2+json"].map(async (accept) => {
        const { status } = await ask(`/v2/${name}/manifests/test0`, { headers: { accept } });
        return status;
      }),
    );
    expect(statuses).toEqual([200, 200, 404]);
  });
});

describe("case 143: the root of the API", () => {
  it("is answered with 200", async () => {
    const { ask } = await conformant();
    expect((await ask("/v2/")).status).toBe(200);
  });

  it.each([
    ["basic", /^Basic realm="[^"]+"$/],
    ["token", /^Bearer realm="http:\/\/127\.0\.0\.1:\d+\/token",service="[^"]+",scope="[^"]+"$/],
  ] as const)(
    "of a registry with %s login is answered with 401 and a challenge",
    async (login, challenge) => {
      const registry = await startRegistry({ login });
      const response = await fetch(`${registry.origin}/v2/`);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toMatch(challenge);
      expect(await response.json()).toMatchObject({ errors: [{ code: "UNAUTHORIZED" }] });
    },
  );
});
