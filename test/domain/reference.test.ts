import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isFault } from "../../src/domain/errors.ts";
import {
  canonicalRepository,
  formatReference,
  isRepositoryPath,
  maxReferenceLength,
  parseReference,
  type Reference,
} from "../../src/domain/reference.ts";
import { sha } from "../support/domain.ts";

const a = sha("a");
const sha512 = `sha512:${"b".repeat(128)}`;
const hex64 = "c".repeat(64);

/** A reference of that many characters, most of them the host's. */
function long(length: number): string {
  const rest = ".example/a/a:1";
  return `${"ab.".repeat(400).slice(0, length - rest.length - 1)}c${rest}`;
}

/** The fault of what is thrown; fails where nothing is. */
function faultOf(text: string): string {
  try {
    parseReference(text);
  } catch (error) {
    return isFault(error) ? error.fault : `no domain error: ${error}`;
  }
  return "none";
}

it("a short name that is too long once it is completed is refused", () => {
  expect(parseReference(`${"a".repeat(247)}:v1`).repository).toHaveLength(255);
  expect(() => parseReference(`${"a".repeat(248)}:v1`)).toThrow("no repository path");
});

describe("parseReference", () => {
  it.each([
    ["a tag", "ghcr.io/org/lab:w_1", "ghcr.io", "org/lab", "w_1", undefined],
    ["a digest", `ghcr.io/org/lab@${a}`, "ghcr.io", "org/lab", undefined, a],
    [
      "case 1: a short name is Docker Hub's library",
      "ubuntu:24.04",
      "docker.io",
      "library/ubuntu",
      "24.04",
      undefined,
    ],
    ["case 1: library only for one component", "org/lab:1", "docker.io", "org/lab", "1", undefined],
    ["case 1: library only for Docker Hub", "r.example/ubuntu:1", "r.example", "ubuntu", "1", undefined],
    ["case 2: docker.io", "docker.io/x:1", "docker.io", "library/x", "1", undefined],
    ["case 2: index.docker.io", "index.docker.io/x:1", "docker.io", "library/x", "1", undefined],
    ["case 2: registry-1.docker.io", "registry-1.docker.io/x:1", "docker.io", "library/x", "1", undefined],
    ["case 2: with a path", "registry-1.docker.io/org/x:1", "docker.io", "org/x", "1", undefined],
    ["case 3: a port makes a host", "test:5000/repo:1", "test:5000", "repo", "1", undefined],
    ["case 3: localhost is a host", "localhost/repo:1", "localhost", "repo", "1", undefined],
    ["case 3: a dot makes a host", "r.example/repo:1", "r.example", "repo", "1", undefined],
    [
      "case 3: nothing is a host without a slash",
      "test.com:5000",
      "docker.io",
      "library/test.com",
      "5000",
      undefined,
    ],
    [
      "case 3: only the first component can be a host",
      "foo/foo_bar.com:8080",
      "docker.io",
      "foo/foo_bar.com",
      "8080",
      undefined,
    ],
    ["case 3: upper case makes a host", "R.Example/repo:1", "r.example", "repo", "1", undefined],
    ["case 4: tag and digest are both kept", `ghcr.io/org/lab:v1@${a}`, "ghcr.io", "org/lab", "v1", a],
    ["case 5: separators", "r.example/a.b_c__d-e---f/g:1", "r.example", "a.b_c__d-e---f/g", "1", undefined],
    ["case 6: a single character", "a:1", "docker.io", "library/a", "1", undefined],
    ["case 6: single characters", "a/b:1", "docker.io", "a/b", "1", undefined],
    [
      "case 7: a path of 255",
      `r.example/${"a/".repeat(127)}a:1`,
      "r.example",
      `${"a/".repeat(127)}a`,
      "1",
      undefined,
    ],
    ["case 8: a tag of 128", `r.example/x:${"a".repeat(128)}`, "r.example", "x", "a".repeat(128), undefined],
    ["case 9: sha512", `r.example/x@${sha512}`, "r.example", "x", undefined, sha512],
    [
      "case 10: 64 hex digits behind a host",
      `docker.io/${hex64}:1`,
      "docker.io",
      `library/${hex64}`,
      "1",
      undefined,
    ],
    ["case 12: IPv6 in brackets", "[fc00::1]:5000/x:1", "[fc00::1]:5000", "x", "1", undefined],
    ["case 13: case and default port of the host", "R.example:443/x:1", "r.example", "x", "1", undefined],
    ["1024 characters", long(1024), long(1024).split("/")[0] ?? "", "a/a", "1", undefined],
    ["a tag in upper case stays so", "r.example/x:MiXeD", "r.example", "x", "MiXeD", undefined],
  ])("%s: %s", (_, text, registry, repository, tag, digest) => {
    expect(parseReference(text)).toEqual({ registry, repository, tag, digest });
  });

  it.each([
    ["nothing", ""],
    ["case 1: a name alone, no default tag is applied", "ubuntu"],
    ["neither tag nor digest", "ghcr.io/org/lab"],
    ["case 3: a host alone with a path but no version", "test:5000/repo"],
    ["case 5: three underscores", "r.example/a___b:1"],
    ["case 5: a hyphen first", "r.example/-a:1"],
    ["case 5: a hyphen last", "r.example/a-:1"],
    ["case 5: two dots", "r.example/a..b:1"],
    ["case 5: an empty component", "r.example/a//b:1"],
    ["case 5: a slash last", "r.example/a/:1"],
    ["case 5: a slash first", "/a:1"],
    ["case 5: upper case in the path", "docker/Docker:1"],
    ["case 5: upper case in the path, behind a host", "r.example/Lab:1"],
    ["case 7: a path of 257", `r.example/${"a/".repeat(128)}a:1`],
    ["case 7: a path of 256 in one component", `r.example/${"a".repeat(256)}:1`],
    ["case 8: a tag of 129", `r.example/x:${"a".repeat(129)}`],
    ["case 8: a dot first", "r.example/x:.a"],
    ["case 8: a hyphen first", "r.example/x:-a"],
    ["case 8: an empty tag", "r.example/x:"],
    ["case 8: an empty tag before a digest", `r.example/x:@${a}`],
    ["case 9: an unknown algorithm", `r.example/x@md5:${"a".repeat(32)}`],
    ["case 9: upper-case digits", `r.example/x@sha256:${"A".repeat(64)}`],
    ["case 9: too few digits", `r.example/x@sha256:${"a".repeat(63)}`],
    ["case 9: too many digits", `r.example/x@sha256:${"a".repeat(65)}`],
    ["case 9: an empty digest", "r.example/x@"],
    ["case 9: two digests", `r.example/x@${a}@${a}`],
    ["case 10: 64 hex digits alone", hex64],
    ["case 11: a scheme", "https://host/repo:1"],
    ["case 11: a space", "r.example/x :1"],
    ["case 11: a space first", " r.example/x:1"],
    ["case 11: a question mark", "r.example/x?a:1"],
    ["case 11: a number sign", "r.example/x#a:1"],
    ["case 11: a per cent sign", "r.example/x%2f:1"],
    ["case 11: a backslash", "r.example\\x:1"],
    ["case 11: NUL", "r.example/x:1\0"],
    ["case 11: CR", "r.example/x:1\r"],
    ["case 11: LF", "r.example/x:1\n"],
    ["case 11: LF in the host", "r.exam\nple/x:1"],
    ["case 11: a user", "user@r.example/x:1"],
    ["case 11: a user and a password", "user:secret@r.example/x:1"],
    ["case 12: IPv6 without brackets", "fc00::1:5000/x:1"],
    ["case 12: a zone", "[fe80::1%eth0]:5000/x:1"],
    ["case 12: IPv6 without a path", "[fc00::1]"],
    ["case 12: brackets that hold no address", "[:::1]:5000/x:1"],
    ["case 13: a port that is none", "r.example:99999/x:1"],
    ["case 13: an IPv4 address that is none", "256.256.256.256/x:1"],
    ["a host that begins with a hyphen", "-r.example/x:1"],
    ["a letter that is not ASCII", "r.example/é:1"],
    ["half a character", "r.example/x:\ud800"],
    ["a path that climbs", "r.example/../x:1"],
    ["1025 characters", long(1025)],
  ])("refuses %s", (_, text) => {
    expect(faultOf(text)).toBe("invalid");
  });

  it("the longest reference has 1024 characters", () => {
    expect(maxReferenceLength).toBe(1024);
  });

  it("says what is missing where there is neither tag nor digest", () => {
    expect(() => parseReference("ghcr.io/org/lab")).toThrow(/tag.*digest/);
  });

  it("reads or refuses any text, and never fails otherwise", () => {
    const piece = fc.constantFrom(
      "a",
      "A",
      ".",
      ":",
      "/",
      "@",
      "-",
      "_",
      "[",
      "]",
      "%",
      "::1",
      "443",
      "docker.io",
      a,
      "\n",
      "é",
    );
    const pieces = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 2000 })), (text) => {
        expect(["none", "invalid"]).toContain(faultOf(text));
      }),
      { numRuns: 3000 },
    );
  });
});

describe("formatReference", () => {
  it.each([
    ["a tag", { registry: "r.example", repository: "x", tag: "1", digest: undefined }, "r.example/x:1"],
    ["a digest", { registry: "r.example", repository: "x", tag: undefined, digest: a }, `r.example/x@${a}`],
    [
      "both",
      { registry: "r.example:5000", repository: "a/x", tag: "1", digest: a },
      `r.example:5000/a/x:1@${a}`,
    ],
  ])("writes %s", (_, reference, text) => {
    expect(formatReference(reference as Reference)).toBe(text);
  });

  it("what a reference formats to parses to the same reference again", () => {
    const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,3}[a-zA-Z0-9])?$/);
    const name = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join("."));
    const ip = fc.constantFrom(
      "[::1]",
      "[fc00::1]",
      "[FC00::1]",
      "127.0.0.1",
      "docker.io",
      "index.docker.io",
      "localhost",
    );
    const port = fc.option(fc.constantFrom("443", "5000", "80", "65535"), { nil: undefined });
    const host = fc.tuple(fc.oneof(name, ip), port).map(([h, p]) => (p === undefined ? h : `${h}:${p}`));
    const component = fc.stringMatching(/^[a-z0-9]{1,3}((\.|_|__|-{1,3})[a-z0-9]{1,3}){0,2}$/);
    const path = fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
    const version = fc.oneof(
      fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,5}$/).map((tag) => `:${tag}`),
      fc.constantFrom(`@${a}`, `@${sha512}`, `:v1@${a}`),
    );
    const text = fc
      .tuple(fc.option(host, { nil: undefined }), path, version)
      .map(([h, p, v]) => (h === undefined ? `${p}${v}` : `${h}/${p}${v}`));
    let read = 0;
    fc.assert(
      fc.property(text, (written) => {
        if (faultOf(written) === "none") {
          read += 1;
          const reference = parseReference(written);
          expect(parseReference(formatReference(reference))).toEqual(reference);
        }
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(1500);
  });
});

describe("isRepositoryPath", () => {
  it.each(["a", "a/b", "sciplat/lab", "a.b_c__d-e---f", "a/".repeat(127).concat("a")])("takes %s", (text) => {
    expect(isRepositoryPath(text)).toBe(true);
  });

  it.each([
    "",
    "/a",
    "a/",
    "a//b",
    "a___b",
    "-a",
    "Lab",
    "a:1",
    "a@b",
    "a b",
    "a\n",
    "a..b",
    "..",
    "a".repeat(256),
  ])("refuses %j", (text) => {
    expect(isRepositoryPath(text)).toBe(false);
  });
});

describe("canonicalRepository", () => {
  it.each([
    ["case 1: library for one component of Docker Hub", "docker.io", "x", "docker.io", "library/x"],
    ["case 2: every name of Docker Hub", "registry-1.docker.io", "x", "docker.io", "library/x"],
    ["case 2: two components stay", "index.docker.io", "org/x", "docker.io", "org/x"],
    ["case 13: case and default port", "R.example:443", "x", "r.example", "x"],
    ["another port stays", "r.example:5000", "a/x", "r.example:5000", "a/x"],
  ])("%s", (_, registry, repository, canonical, path) => {
    expect(canonicalRepository({ registry, repository })).toEqual({ registry: canonical, repository: path });
  });
});
