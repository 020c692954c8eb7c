import { describe, expect, it } from "vitest";
import { canonicalRepository } from "../../src/domain/reference.ts";
import {
  findCredentials,
  findProgram,
  parseDockerConfig,
  unsupported,
} from "../../src/registry/docker-config.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** Who is found for a repository: the user, or the token. */
function found(auths: object, registry: string, repository: string): string | undefined {
  const config = parseDockerConfig(JSON.stringify({ auths }));
  const credentials = findCredentials(config, canonicalRepository({ registry, repository }));
  return credentials?.kind === "password" ? credentials.username : credentials?.token;
}

const user = (name: string) => ({ auth: base64(`${name}:x`) });

describe("case 38: the entry of a config file", () => {
  it.each([
    ["of the host", { "r.example": user("host") }, "r.example", "a/b", "host"],
    ["of the host in other letters", { "R.example": user("host") }, "r.EXAMPLE", "a/b", "host"],
    ["of the host with the default port", { "r.example:443": user("host") }, "r.example", "a/b", "host"],
    [
      "of the host and port",
      { "r.example": user("other"), "r.example:5000": user("port") },
      "r.example:5000",
      "a",
      "port",
    ],
    [
      "of the repository before its host's",
      { "r.example": user("h"), "r.example/a/b": user("path") },
      "r.example",
      "a/b",
      "path",
    ],
    [
      "of a path above before the host's",
      { "r.example": user("h"), "r.example/a": user("path") },
      "r.example",
      "a/b/c",
      "path",
    ],
    [
      "of the host where a path only begins alike",
      { "r.example": user("h"), "r.example/a": user("no") },
      "r.example",
      "ab",
      "h",
    ],
    ["of a legacy key", { "https://r.example/v1/": user("legacy") }, "r.example", "a", "legacy"],
    ["of a legacy key of version 2", { "https://r.example/v2/": user("legacy") }, "r.example", "a", "legacy"],
    [
      "of a legacy key with port and path",
      { "HTTPS://R.Example:443/v2/": user("legacy") },
      "r.example",
      "a",
      "legacy",
    ],
    ["of a legacy key without a scheme", { "r.example/v1/": user("legacy") }, "r.example", "a", "legacy"],
    ["of a key with slashes at its end", { "r.example:5000//": user("host") }, "r.example:5000", "a", "host"],
    ["of a path with a slash at its end", { "r.example/a/": user("path") }, "r.example", "a/b", "path"],
    [
      "of a name that is a host by its port only",
      { "registry:5000": user("port") },
      "registry:5000",
      "a",
      "port",
    ],
    ["of a name that is a host by nothing", { registry: user("name") }, "registry:443", "a", "name"],
    ["of an IPv6 address", { "https://[FC00::1]:5000": user("ipv6") }, "[fc00::1]:5000", "a", "ipv6"],
    ["of another port is another registry's", { "r.example:5000": user("no") }, "r.example", "a", undefined],
    ["of a legacy key without a path", { "http://r.example": user("legacy") }, "r.example", "a", "legacy"],
    [
      "as it is spelled before a legacy key",
      { "https://r.example/v1/": user("no"), "r.example": user("yes") },
      "r.example",
      "a",
      "yes",
    ],
    [
      "of Docker Hub, for all its names",
      { "https://index.docker.io/v1/": user("hub") },
      "docker.io",
      "ubuntu",
      "hub",
    ],
    ["of Docker Hub, by its index alone", { "index.docker.io/v1/": user("hub") }, "docker.io", "a/b", "hub"],
    [
      "of Docker Hub, by its registry",
      { "https://registry-1.docker.io/v2/": user("hub") },
      "docker.io",
      "a/b",
      "hub",
    ],
    [
      "of Docker Hub, for index",
      { "https://index.docker.io/v1/": user("hub") },
      "index.docker.io",
      "a/b",
      "hub",
    ],
    ["of Docker Hub, for registry-1", { "docker.io": user("hub") }, "registry-1.docker.io", "a/b", "hub"],
    ["of an official image", { "docker.io/library": user("library") }, "docker.io", "ubuntu", "library"],
    ["of no host above (case 40)", { "example.com": user("no") }, "r.example.com", "a", undefined],
    [
      "of no host that ends alike (case 40)",
      { "example.com": user("no") },
      "evil-example.com",
      "a",
      undefined,
    ],
    ["that is empty is none (case 37)", { "r.example": {} }, "r.example", "a", undefined],
    ["that is null is none", { "r.example": null }, "r.example", "a", undefined],
    [
      "that has user and password apart",
      { "r.example": { username: "apart", password: "x" } },
      "r.example",
      "a",
      "apart",
    ],
    [
      "that has an identity token",
      { "r.example": { ...user("no"), identitytoken: "id" } },
      "r.example",
      "a",
      "id",
    ],
    ["that has a registry token", { "r.example": { registrytoken: "reg" } }, "r.example", "a", "reg"],
  ])("%s", (_, auths, registry, repository, expected) => {
    expect(found(auths, registry, repository)).toBe(expected);
  });
});

describe("case 37: a login", () => {
  it.each([
    ["is split at the first colon", "user:pass:word", { username: "user", password: "pass:word" }],
    ["may end with NULs", "user:password\0\0", { username: "user", password: "password" }],
    ["may have an empty password", "user:", { username: "user", password: "" }],
    ["may hold any letters", "üser:pässword", { username: "üser", password: "pässword" }],
  ])("%s", (_, login, expected) => {
    const config = parseDockerConfig(JSON.stringify({ auths: { "r.example": { auth: base64(login) } } }));
    expect(findCredentials(config, { registry: "r.example", repository: "a" })).toMatchObject(expected);
  });

  it.each([
    ["is no base64", "s3cret!"],
    ["has no colon", base64("s3cret")],
  ])("that %s is named, and not shown", (_, auth) => {
    const parse = () => parseDockerConfig(JSON.stringify({ auths: { "r.example": { auth } } }));
    expect(parse).toThrow('auth of "r.example" is not the base64 form of user:password');
  });

  it("is told apart from another one by an id that says nothing", () => {
    const ids = ["a:b", "a:c", "b:b"].map((login) => {
      const config = parseDockerConfig(JSON.stringify({ auths: { "r.example": { auth: base64(login) } } }));
      return findCredentials(config, { registry: "r.example", repository: "a" })?.id;
    });
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("case 39: what is left to programs", () => {
  it.each([
    ["nothing", {}, undefined, undefined],
    ["the host", { credHelpers: { "https://R.example/": "gcr" } }, "credHelpers", '"r.example"'],
    [
      "an entry without a login",
      { auths: { "r.example": {} }, credsStore: "x" },
      "credsStore",
      '"r.example"',
    ],
    [
      "a path of the host",
      { auths: { "r.example/a": null }, credsStore: "x" },
      "credsStore",
      '"r.example/a"',
    ],
    ["another host", { credHelpers: { "s.example": "gcr" } }, undefined, '"s.example"'],
    ["what is no host", { credHelpers: { "s3cret key": "gcr" } }, undefined, "an entry that is no host"],
  ])("is %s", (_, content, program, named) => {
    const config = parseDockerConfig(JSON.stringify(content));
    const repository = { registry: "r.example", repository: "a/b" };
    expect(findCredentials(config, repository)).toBeUndefined();
    expect(findProgram(config, repository)).toBe(program);
    if (named === undefined) expect(unsupported(config)).toBeUndefined();
    else expect(unsupported(config)).toContain(`holds for ${named} is not used`);
    expect(unsupported(config)).not.toEqual(expect.stringContaining("s3cret"));
  });
});
