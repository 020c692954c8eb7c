import { describe, expect, it } from "vitest";
import { DomainError } from "../../src/domain/errors.ts";
import {
  type Answer,
  digestMismatch,
  lookUpMarked,
  lookUpReference,
  lookUpTag,
} from "../../src/domain/lookup.ts";
import { parseReference } from "../../src/domain/reference.ts";
import { type DataParts, listed, options, sha, snapshot } from "../support/domain.ts";

const tags = [
  listed("w_2077_43", { digest: "a" }),
  listed("latest", { digest: "a" }),
  listed("w_2077_42", { digest: "b" }),
  listed("w_2077_42-arm64", { digest: "b" }),
  listed("recommended", { digest: "c" }),
  listed("newest", { digest: "c" }),
  listed("w_2077_41-arm64", { digest: "d" }),
];
/** Tags are resolved one by one, and two of them are not. */
const docker = snapshot({ tags: [...tags, listed("w_2077_44"), listed("w_2077_44-arm64")] });
/** A listing tells everything; one image has no digest. */
const told = snapshot({ tags: [...tags, listed("w_2077_44")], resolvesOnDemand: false });

/** The tag of the image, `ask <tag> [<digest>]`, or the fault. */
function answer(look: () => Answer): string {
  try {
    const found = look();
    if ("image" in found) {
      return found.image.tag.text;
    }
    return `ask ${found.ask}${found.digest === undefined ? "" : ` ${found.digest.slice(7, 9)}`}`;
  } catch (error) {
    if (error instanceof DomainError) {
      return error.fault;
    }
    throw error;
  }
}

describe("lookUpTag", () => {
  it.each([
    ["a known and resolved tag is that image", docker, "w_2077_43", "w_2077_43"],
    ["an alias too, not its target", docker, "latest", "latest"],
    ["one that lists hide too", docker, "w_2077_42-arm64", "w_2077_42-arm64"],
    ["a known tag that is not resolved is resolved now", docker, "w_2077_44", "ask w_2077_44"],
    ["a hidden one too", docker, "w_2077_44-arm64", "ask w_2077_44-arm64"],
    ["a tag that is not known: without asking", docker, "w_2077_40", "unknown_image"],
    ["no tag at all", docker, "", "unknown_image"],
    ["a name of the language", docker, "constructor", "unknown_image"],
    ["where all is told, a tag without a digest is an image", told, "w_2077_44", "w_2077_44"],
    ["and one that is not known is none", told, "w_2077_40", "unknown_image"],
  ])("%s", (_, from, tag, expected) => {
    expect(answer(() => lookUpTag(from, tag))).toBe(expected);
  });

  it("of the other cycle is not known", () => {
    const cycle = snapshot({
      tags: [listed("w_2077_43_c0045.003"), listed("w_2077_43")],
      options: options({ cycle: 45 }),
    });
    expect(answer(() => lookUpTag(cycle, "w_2077_43_c0045.003"))).toBe("ask w_2077_43_c0045.003");
    expect(answer(() => lookUpTag(cycle, "w_2077_43"))).toBe("unknown_image");
  });
});

describe("lookUpReference", () => {
  const at = (version: string, hex?: string, repository = "r.example/sciplat/lab") =>
    `${repository}${version && `:${version}`}${hex === undefined ? "" : `@${sha(hex)}`}`;

  it.each([
    ["a resolved tag", at("w_2077_43"), "w_2077_43", "w_2077_43"],
    ["a tag that is not resolved", at("w_2077_44"), "ask w_2077_44", "w_2077_44"],
    ["a tag that is not known", at("w_2077_40"), "unknown_image", "unknown_image"],
    ["a known digest: the main image", at("", "a"), "w_2077_43", "w_2077_43"],
    ["a known digest of several primaries: the generic one", at("", "b"), "w_2077_42", "w_2077_42"],
    ["a known digest without a primary: the first alias", at("", "c"), "recommended", "recommended"],
    ["a known digest that lists hide", at("", "d"), "w_2077_41-arm64", "w_2077_41-arm64"],
    ["a known digest and a tag that has it: the tag's image", at("latest", "a"), "latest", "latest"],
    [
      "a known digest and a hidden tag that has it",
      at("w_2077_42-arm64", "b"),
      "w_2077_42-arm64",
      "w_2077_42-arm64",
    ],
    [
      "a known digest and a tag that has another: the digest decides",
      at("w_2077_42", "a"),
      "w_2077_43",
      "w_2077_43",
    ],
    [
      "a known digest and a tag that is not resolved: the registry is not asked",
      at("w_2077_44", "a"),
      "w_2077_43",
      "w_2077_43",
    ],
    ["a known digest and a tag that is not known", at("w_2077_40", "a"), "w_2077_43", "w_2077_43"],
    ["an unknown digest and no tag", at("", "f"), "unknown_image", "unknown_image"],
    ["an unknown digest and an unknown tag", at("w_2077_40", "f"), "unknown_image", "unknown_image"],
    [
      "an unknown digest and a resolved tag: the registry may say yes",
      at("w_2077_43", "f"),
      "ask w_2077_43 f0",
      "digest_mismatch",
    ],
    ["an unknown digest and a tag without one", at("w_2077_44", "f"), "ask w_2077_44 f0", "digest_mismatch"],
    [
      "another registry",
      at("w_2077_43", undefined, "other.example/sciplat/lab"),
      "unknown_image",
      "unknown_image",
    ],
    [
      "another registry and a known digest",
      at("", "a", "other.example/sciplat/lab"),
      "unknown_image",
      "unknown_image",
    ],
    [
      "another port",
      at("w_2077_43", undefined, "r.example:5000/sciplat/lab"),
      "unknown_image",
      "unknown_image",
    ],
    [
      "another repository",
      at("w_2077_43", undefined, "r.example/sciplat/lab2"),
      "unknown_image",
      "unknown_image",
    ],
    [
      "another repository and a known digest",
      at("w_2077_43", "a", "r.example/sciplat"),
      "unknown_image",
      "unknown_image",
    ],
    [
      "the registry in another spelling (case 13)",
      at("w_2077_43", undefined, "R.Example:443/sciplat/lab"),
      "w_2077_43",
      "w_2077_43",
    ],
  ])("%s", (_, text, ofDocker, ofTold) => {
    expect(answer(() => lookUpReference(docker, parseReference(text)))).toBe(ofDocker);
    expect(answer(() => lookUpReference(told, parseReference(text)))).toBe(ofTold);
  });

  it.each<[string, DataParts["repository"], string]>([
    ["a short name (case 1)", { registry: "docker.io", repository: "library/lab" }, "lab:w_2077_43"],
    [
      "a repository that is configured short (case 1)",
      { registry: "docker.io", repository: "lab" },
      "docker.io/library/lab:w_2077_43",
    ],
    [
      "any name of Docker Hub (case 2)",
      { registry: "registry-1.docker.io", repository: "org/lab" },
      "index.docker.io/org/lab:w_2077_43",
    ],
    [
      "case and default port, as configured (case 13)",
      { registry: "R.Example:443", repository: "org/lab" },
      "r.example/org/lab:w_2077_43",
    ],
  ])("registries compare by canonical name: %s", (_, repository, text) => {
    const from = snapshot({ tags, ...(repository && { repository }) });
    expect(answer(() => lookUpReference(from, parseReference(text)))).toBe("w_2077_43");
  });

  it("a mismatch names both digests", () => {
    const look = () => lookUpReference(told, parseReference(at("w_2077_43", "f")));
    expect(look).toThrow(sha("a"));
    expect(look).toThrow(sha("f"));
  });
});

describe("digestMismatch", () => {
  it("names the tag and both digests", () => {
    const error = digestMismatch("w_2077_43", sha("f"), sha("a"));
    expect(error.fault).toBe("digest_mismatch");
    for (const named of ["w_2077_43", sha("f"), sha("a")]) {
      expect(error.message).toContain(named);
    }
  });

  it("says it also of an image without a digest", () => {
    const error = digestMismatch("w_2077_43", sha("f"), undefined);
    expect(error.fault).toBe("digest_mismatch");
    expect(error.message).toContain(sha("f"));
    expect(error.message).not.toContain("undefined");
  });
});

describe("lookUpMarked", () => {
  const lab = "r.example/sciplat/lab";

  it.each([
    ["a known digest", `${lab}@${sha("a")}`, "w_2077_43", "w_2077_43"],
    ["a resolved tag", `${lab}:w_2077_42`, "w_2077_42", "w_2077_42"],
    ["the digest decides where there is one", `${lab}:w_2077_42@${sha("a")}`, "w_2077_43", "w_2077_43"],
    [
      "a tag without a digest, where the registry has to be asked",
      `${lab}:w_2077_44`,
      undefined,
      "w_2077_44",
    ],
    ["such a tag and a known digest", `${lab}:w_2077_44@${sha("a")}`, "w_2077_43", "w_2077_43"],
    ["such a tag and an unknown digest", `${lab}:w_2077_44@${sha("f")}`, undefined, undefined],
    ["a resolved tag and an unknown digest", `${lab}:w_2077_43@${sha("f")}`, undefined, undefined],
    ["an unknown tag", `${lab}:w_2077_40`, undefined, undefined],
    ["an unknown digest", `${lab}@${sha("f")}`, undefined, undefined],
    ["another repository", `r.example/other@${sha("a")}`, undefined, undefined],
    ["another registry", `other.example/sciplat/lab:w_2077_43`, undefined, undefined],
    [
      "another spelling of the registry (case 13)",
      `R.example:443/sciplat/lab:w_2077_43`,
      "w_2077_43",
      "w_2077_43",
    ],
  ])("%s", (_, text, ofDocker, ofTold) => {
    const mainOf = (from: typeof docker) => {
      const image = lookUpMarked(from, parseReference(text));
      return (
        image &&
        (text.includes("@") ? from.collection.byDigest(image.digest ?? "")?.tag.text : image.tag.text)
      );
    };
    expect(mainOf(docker)).toBe(ofDocker);
    expect(mainOf(told)).toBe(ofTold);
  });
});
