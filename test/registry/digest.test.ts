import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { resolveDigests } from "../../src/sources/digests.ts";
import { digestOf, failure, indexType, manifestType, type Reply } from "../support/registry.ts";
import { failureOf, never, readerOf, recordedLog, startRegistry } from "./reader.ts";

const manifest = "/v2/lab/image/manifests/w_1";
const other = `sha256:${"a".repeat(64)}`;
const methods = (registry: { requests: { method: string }[] }) =>
  registry.requests.map(({ method }) => method);

async function resolving(replies: { head?: Reply; get?: Reply }, setup: Parameters<typeof readerOf>[1] = {}) {
  const registry = await startRegistry({ repositories: { "lab/image": ["w_1"] } });
  if (replies.head !== undefined) registry.rule({ method: "HEAD", path: manifest, reply: replies.head });
  if (replies.get !== undefined) registry.rule({ method: "GET", path: manifest, reply: replies.get });
  return { registry, digest: readerOf(registry, setup).resolve("w_1", never) };
}

describe("the digest of a tag", () => {
  it("case 65: is asked by one HEAD that accepts every type in one header", async () => {
    const registry = await startRegistry();
    const digest = registry.push("lab/image", "w_1", "{}", manifestType);
    expect(await readerOf(registry).resolve("w_1", never)).toBe(digest);
    expect(methods(registry)).toEqual(["HEAD"]);
    expect(registry.requests[0]?.headers.accept?.split(", ").toSorted()).toEqual([
      "application/vnd.docker.distribution.manifest.list.v2+json",
      "application/vnd.docker.distribution.manifest.v2+json",
      "application/vnd.oci.image.index.v1+json",
      "application/vnd.oci.image.manifest.v1+json",
    ]);
  });

  it("case 66: of several platforms is the index's, where a registry's digest depends on what is accepted", async () => {
    const registry = await startRegistry();
    const index = registry.push("lab/image", "w_1", '{"manifests":[]}', indexType);
    registry.rule({
      path: manifest,
      reply: ({ headers }) =>
        headers.accept?.includes(indexType)
          ? undefined
          : { status: 200, headers: { "docker-content-digest": other, "content-type": manifestType } },
    });
    expect(await readerOf(registry).resolve("w_1", never)).toBe(index);
  });

  const bytes = Buffer.from('\uFEFF{"schemaVersion":2,\r\n"x":"é"}\r\n');
  const get: Reply = {
    status: 200,
    headers: { "content-type": `${manifestType}; charset=latin1` },
    body: bytes,
  };

  it.each([
    ["case 67: a HEAD without a digest", { status: 200 }],
    ["case 68: a HEAD that is not allowed", { status: 405 }],
    ["case 68: a HEAD that is not implemented", { status: 501 }],
    ["case 68: a HEAD that is a bad request", { status: 400 }],
    ["case 72: a digest too short", { status: 200, headers: { "docker-content-digest": "sha256:xyz" } }],
    ["case 72: a digest of an unknown kind", { status: 200, headers: { "docker-content-digest": "md5:00" } }],
    [
      "case 72: an upper-case digest",
      { status: 200, headers: { "docker-content-digest": other.toUpperCase() } },
    ],
  ] as [string, Reply][])("%s leads to GET, and the raw bytes are hashed (case 74)", async (_, head) => {
    const { registry, digest } = await resolving({ head, get });
    expect(await digest).toBe(digestOf(bytes));
    expect(methods(registry)).toEqual(["HEAD", "GET"]);
    expect(registry.requests[1]?.headers["accept-encoding"]).toBe("identity");
  });

  it("case 70: a tag that is not there is told at once, without a GET", async () => {
    const { registry, digest } = await resolving({ head: { status: 404 } });
    const error = await failureOf(digest);
    expect(error).toMatchObject({ fault: "unknown_image" });
    expect(error.message).toContain(
      `HEAD /v2/lab/image/manifests/w_1 at ${registry.host} was answered with 404`,
    );
    expect(methods(registry)).toEqual(["HEAD"]);
  });

  it.each([
    ["a wrong length and no type", { "content-length": "7" }],
    ["a type that makes no sense", { "content-type": "text/html", "content-length": "0" }],
  ])("case 71: counts, whatever else the HEAD says: %s", async (_, headers) => {
    const head: Reply = { status: 200, headers: { ...headers, "docker-content-digest": other } };
    const { registry, digest } = await resolving({ head });
    expect(await digest).toBe(other);
    expect(methods(registry)).toEqual(["HEAD"]);
  });

  it("case 73: that a GET claims wrongly is computed instead, with a warning", async () => {
    const log = recordedLog();
    const claim: Reply = { status: 200, headers: { "docker-content-digest": other }, body: bytes };
    const { digest } = await resolving({ head: { status: 405 }, get: claim }, { log });
    expect(await digest).toBe(digestOf(bytes));
    expect(log.text()).toMatch(/^warn .*another digest/);
  });

  it("case 107: of a manifest whose layers name addresses of their own asks none of them", async () => {
    const elsewhere = await startRegistry();
    const layer = {
      mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
      size: 7,
      digest: other,
    };
    const urls = [`${elsewhere.origin}/layer`, "http://169.254.169.254/latest"];
    const foreign = JSON.stringify({
      schemaVersion: 2,
      config: { ...layer, urls },
      layers: [{ ...layer, urls }],
    });
    const body: Reply = { status: 200, headers: { "content-type": manifestType }, body: foreign };
    const { registry, digest } = await resolving({ head: { status: 405 }, get: body });
    expect(await digest).toBe(digestOf(foreign));
    expect(methods(registry)).toEqual(["HEAD", "GET"]);
    expect(elsewhere.connections()).toBe(0);
  });

  it("case 9: that is a sha512, and right, is taken as it is", async () => {
    const sha512 = `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
    const claim: Reply = { status: 200, headers: { "docker-content-digest": sha512 }, body: bytes };
    const { digest } = await resolving({ head: { status: 405 }, get: claim });
    expect(await digest).toBe(sha512);
  });

  it("case 84: that a HEAD refuses tells that it gives no reason", async () => {
    const { digest } = await resolving({ head: { status: 410 } });
    expect((await failureOf(digest)).message).toContain("410, and an answer to HEAD gives no reason");
  });

  it("case 94: is not read by a GET when no requests are left", async () => {
    const head: Reply = { status: 200, headers: { "ratelimit-remaining": "0;w=21600" } };
    const { registry, digest } = await resolving({ head, get });
    expect(await failureOf(digest)).toMatchObject({ fault: "registry_rate_limited" });
    expect(methods(registry)).toEqual(["HEAD"]);
  });

  it("case 108: of a manifest over its limit is an error", async () => {
    const { digest } = await resolving({ head: { status: 405 }, get }, { limits: { manifestBytes: 10 } });
    expect(await failureOf(digest)).toMatchObject({ fault: "registry_limit" });
  });

  it("case 85: of a repository that is gone is unknown too", async () => {
    const { digest } = await resolving({
      head: { status: 405 },
      get: failure(404, "NAME_UNKNOWN", "repository name not known to registry"),
    });
    expect(await failureOf(digest)).toMatchObject({ fault: "repository_not_found" });
  });
});

describe("case 82: the digests of many tags", () => {
  const names = Array.from({ length: 500 }, (_, index) => `t${index}`);

  it("are asked for with so many requests at once, and one that fails fails alone", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": names } });
    let held: (() => void)[] = [];
    let most = 0;
    // Nobody is answered until four have asked, and then not before a fifth one could have.
    const release = () => {
      most = Math.max(most, held.length);
      for (const answer of held) answer();
      held = [];
    };
    registry.rule({
      method: "HEAD",
      reply: ({ path }) => ({
        raw: (response) => {
          const digest = digestOf(path);
          const status = path.endsWith("/t250") ? 404 : 200;
          held.push(() => response.writeHead(status, { "docker-content-digest": digest }).end());
          if (held.length === 4) setTimeout(release);
        },
      }),
    });
    const reader = readerOf(registry, { options: { maxRequests: 4 } });
    const digests = await Promise.allSettled(names.map((name) => reader.resolve(name, never)));
    const expected = names.map((name) => digestOf(`/v2/lab/image/manifests/${name}`));
    const values = digests.map((digest) => (digest.status === "fulfilled" ? digest.value : undefined));
    expect(values).toEqual(expected.map((digest, index) => (index === 250 ? undefined : digest)));
    expect(registry.requests).toHaveLength(500);
    expect(most).toBe(4);
  });

  it("do not make the one that is asked last wait for all", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": [...names, "mine"] } });
    const reader = readerOf(registry, { options: { maxRequests: 2 } });
    const others = resolveDigests((name, signal) => reader.resolve(name, signal), names, new Map(), never);
    await reader.resolve("mine", never);
    expect(registry.requests.length).toBeLessThan(100);
    await others;
  });

  it("have their deadline from their own turn on", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": ["late", "next"] } });
    registry.rule({ path: /late$/, reply: "hang" });
    const reader = readerOf(registry, { options: { maxRequests: 1 }, limits: { resolveDeadlineMs: 300 } });
    const late = failureOf(reader.resolve("late", never));
    const next = reader.resolve("next", never);
    expect(await late).toMatchObject({ fault: "registry_unavailable" });
    expect((await late).message).toContain("not answered within 0.3 s");
    expect(await next).toMatch(/^sha256:/);
  });
});
