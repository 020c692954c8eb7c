/** Any text for a reference, a host, a tag or a digest: read, or refused as invalid; and the same value again. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { isDigest } from "../../src/domain/digest.ts";
import { canonicalRegistry, isHost, isLoopback } from "../../src/domain/host.ts";
import { formatReference, isRepositoryPath, parseReference } from "../../src/domain/reference.ts";
import { rspTags } from "../../src/domain/rsp-tags.ts";
import { isAttachment, isTagName } from "../../src/domain/tag.ts";
import { isBlockedAddress } from "../../src/registry/addresses.ts";
import { anyTexts as anyTags } from "../support/domain-arbitraries.ts";
import { anyText, broken, forAny, mixed, parsed } from "./support.ts";

const hosts = fc.constantFrom(
  ...[
    "",
    "r.example",
    "R.Example:443",
    "localhost:5000",
    "[fc00::1]:5000",
    "docker.io",
    "index.docker.io",
    "127.1",
  ],
);
const paths = fc.constantFrom("ubuntu", "sciplat/lab", "a/b/c", "a__b/c-d.e", "A/b", "a//b", "a".repeat(255));
const tags = fc.constantFrom("", ":w_2077_43", ":latest", `:${"t".repeat(128)}`, ":.a", ":");
const digests = fc.constantFrom(
  ...[
    "",
    `@sha256:${"a".repeat(64)}`,
    `@sha512:${"0".repeat(128)}`,
    `@sha256:${"A".repeat(64)}`,
    "@md5:00",
    "@",
  ],
);
const references = fc
  .tuple(hosts, paths, tags, digests)
  .map(([host, path, tag, digest]) => `${host}${host === "" ? "" : "/"}${path}${tag}${digest}`);
const pieces = mixed(
  "r.example",
  "/",
  ":",
  "@",
  "sha256:",
  "a".repeat(64),
  "ubuntu",
  "443",
  "[",
  "]",
  ".",
  "-",
  "_",
  "A",
);
const inputs = fc.oneof(
  { weight: 4, arbitrary: references },
  { weight: 4, arbitrary: broken(references) },
  { weight: 2, arbitrary: pieces },
  { weight: 1, arbitrary: anyText },
);

it("any reference is read or invalid, and what is read is written and read again as the same", () => {
  forAny(inputs, (text) => {
    const reference = parsed("invalid", () => parseReference(text));
    if (reference === undefined) return;
    expect(isHost(reference.registry)).toBe(true);
    expect(isRepositoryPath(reference.repository)).toBe(true);
    expect(reference.tag === undefined || isTagName(reference.tag)).toBe(true);
    expect(reference.digest === undefined || isDigest(reference.digest)).toBe(true);
    expect(parseReference(formatReference(reference))).toEqual(reference);
  });
});

it("any text is a host or none, with one spelling, and a URL can be made of it", () => {
  const addresses = mixed(
    "127",
    ".",
    "0",
    "1",
    "::",
    "ffff",
    "[",
    "]",
    ":",
    "%",
    "fe80",
    "localhost",
    "255",
    "0x7f",
    "64:ff9b::",
  );
  forAny(fc.oneof(hosts, broken(hosts), pieces, addresses, anyText), (text) => {
    expect(typeof isBlockedAddress(text)).toBe("boolean");
    expect(typeof isLoopback(text)).toBe("boolean");
    const canonical = canonicalRegistry(text);
    expect(canonicalRegistry(canonical)).toBe(canonical);
    if (!isHost(text)) return;
    expect(new URL(`https://${text}/`).username).toBe("");
    expect(isHost(canonical)).toBe(true);
  });
});

it("any text is a digest or none", () => {
  const all = fc.constantFrom(`sha256:${"a".repeat(64)}`, `sha512:${"0".repeat(128)}`);
  forAny(
    fc.oneof(all, broken(all), mixed("sha256:", "sha512:", "a".repeat(64), "0", "F", "+", "\n")),
    (text) => {
      expect(isDigest(text)).toBe(
        /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/.test(text) && !text.endsWith("\n"),
      );
    },
  );
});

it("any text is a tag or none, and is understood as something", () => {
  forAny(anyTags, (text) => {
    expect(isTagName(text)).toBe(/^\w[\w.-]*$/.test(text) && text.length <= 128 && !text.endsWith("\n"));
    if (isAttachment(text)) expect(isTagName(text)).toBe(true);
    const tag = rspTags.parse(text);
    expect(tag.text).toBe(text);
    expect(rspTags.asAlias(tag).text).toBe(text);
  });
});
