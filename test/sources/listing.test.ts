/** Reading a listing: tags are understood once, and what has not changed stays the same value. */
import { describe, expect, it } from "vitest";
import { type KnownTags, noTags, readListing } from "../../src/sources/listing.ts";
import type { Page, Reader, RegistryTag } from "../../src/sources/reader.ts";
import { sha, texts } from "../support/domain.ts";
import { patient } from "../support/reader.ts";

function reader(...pages: (Page | RegistryTag[])[]): Reader {
  return {
    async *list() {
      for (const page of pages) yield Array.isArray(page) ? { tags: page } : page;
    },
  };
}

async function read(previous: KnownTags, ...pages: (Page | RegistryTag[])[]) {
  const listing = await readListing(reader(...pages), previous, patient);
  return { ...listing, tags: listing.known.tags };
}

describe("readListing", () => {
  it("puts the tags of all pages into the order of listings, each once", async () => {
    const { tags } = await read(
      noTags,
      [{ name: "w_2077_42" }, { name: "r29_0_0" }],
      [{ name: "w_2077_43" }, { name: "w_2077_42" }],
    );
    expect(texts(tags)).toEqual(["r29_0_0", "w_2077_43", "w_2077_42"]);
  });

  it("keeps what the registry tells of a tag; a size of 0 tells nothing", async () => {
    const told = { digest: sha("a"), size: 7, uploadTime: 5, platforms: [sha("b")] };
    const { tags } = await read(noTags, [
      { name: "w_2077_42", ...told },
      { name: "w_2077_41", size: 0 },
    ]);
    expect(tags[0]).toMatchObject(told);
    expect(tags[1]).toMatchObject({
      digest: undefined,
      size: undefined,
      uploadTime: undefined,
      platforms: [],
    });
  });

  it("case 145: leaves out what tools keep beside images, and counts it", async () => {
    const hex = "0123456789abcdef".repeat(4);
    const names = ["", ".sig", ".att", ".sbom"].map((suffix) => ({ name: `sha256-${hex}${suffix}` }));
    const { tags, attachments } = await read(noTags, [
      ...names,
      { name: `sha256-${hex}.txt` },
      { name: "w_2077_42" },
    ]);
    expect(texts(tags)).toEqual(["w_2077_42", `sha256-${hex}.txt`]);
    expect(attachments).toBe(4);
  });

  it("passes the reader's warnings on", async () => {
    const { warnings } = await read(noTags, { tags: [], warnings: ["one"] }, { tags: [], warnings: ["two"] });
    expect(warnings).toEqual(["one", "two"]);
  });

  it("an unchanged listing is the same array, in whatever order the registry tells it", async () => {
    const { known, tags } = await read(noTags, [
      { name: "w_2077_42" },
      { name: "w_2077_43", digest: sha("a") },
    ]);
    const again = await read(known, [{ name: "w_2077_43", digest: sha("a") }, { name: "w_2077_42" }]);
    expect(again.tags).toBe(tags);
  });

  it.each([
    ["a tag that came", ["a", "b", "c"], ["a", "b", "c"]],
    ["a tag that went", ["a"], ["a"]],
    ["a tag that moved", ["a", "b!"], ["a"]],
  ])("%s changes the listing; the others are taken over as they are", async (_, names, same) => {
    const told = (name: string) => ({
      name: name.replace("!", ""),
      digest: sha(name.endsWith("!") ? "1" : "2"),
    });
    const { known, tags } = await read(noTags, ["a", "b"].map(told));
    const changed = (await read(known, names.map(told))).tags;
    expect(changed).not.toBe(tags);
    expect(texts(changed)).toEqual(
      names
        .map((name) => told(name).name)
        .sort()
        .reverse(),
    );
    for (const name of same.filter((one) => one !== "c")) {
      expect(changed.find(({ tag }) => tag.text === name)).toBe(tags.find(({ tag }) => tag.text === name));
    }
  });

  it("a moved tag is not parsed again", async () => {
    const before = await read(noTags, [{ name: "w_2077_42", digest: sha("a") }]);
    const after = await read(before.known, [{ name: "w_2077_42", digest: sha("b") }]);
    expect(after.tags[0]?.tag).toBe(before.tags[0]?.tag);
    expect(after.tags[0]?.digest).toBe(sha("b"));
  });

  it("lets other work run while a large page is read", async () => {
    const page = Array.from({ length: 50_000 }, (_, index) => ({ name: `d_2077_10_23_c0045.${index}` }));
    let turns = 0;
    let isReading = true;
    const count = () => {
      turns += 1;
      if (isReading) setImmediate(count);
    };
    setImmediate(count);
    await read(noTags, page);
    isReading = false;
    expect(turns).toBeGreaterThan(2);
  });

  it("ends with the signal's reason", async () => {
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await expect(readListing(reader([{ name: "a" }]), noTags, controller.signal)).rejects.toThrow("enough");
  });
});
