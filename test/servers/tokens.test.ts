/** Tokens from a file: which ones may call, what refusals say, and that the file may be replaced or emptied. */
import { rmSync, writeFileSync } from "node:fs";
import type { ConnectError } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { invalidToken, readOnlyToken } from "../../src/rpc/errors.ts";
import { openTokens } from "../../src/servers/tokens.ts";
import { recordedLog, temporaryFile } from "../registry/reader.ts";

function open(content: string) {
  const file = temporaryFile(content);
  const { text, ...log } = recordedLog();
  const tokens = openTokens(file, { invalidToken, readOnlyToken }, log, 5);
  onTestFinished(() => tokens.close());
  return { file, text, may: (header?: string, isWrite = false) => reasonOf(tokens.check(header, isWrite)) };
}

function reasonOf(error: ConnectError | undefined): string {
  if (!error) return "yes";
  const detail = error.details.find((one) => "desc" in one && one.desc === ErrorInfoSchema);
  return String((detail as { readonly value?: { readonly reason?: string } } | undefined)?.value?.reason);
}

describe("a token", () => {
  it.each([
    ["alone in the file", "s3cret", "Bearer s3cret"],
    ["with a line end of Windows, and a byte order mark", "\uFEFFs3cret\r\n", "Bearer s3cret"],
    ["after comments and blank lines", "# the hub's\n\n  \n  s3cret \n", "Bearer s3cret"],
    ["the last of several", "one\nread two\ns3cret\n", "Bearer s3cret"],
    [
      "of all that a header can hold",
      "a!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
      "Bearer a!#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    ],
    ["by a scheme in other case", "s3cret", "bearer  s3cret"],
    ["that is the word read, to be read", "read read", "Bearer read"],
    ["as long as a header", "x".repeat(8_000), `Bearer ${"x".repeat(8_000)}`],
  ])("lets in: %s", (_, content, header) => {
    expect(open(content).may(header)).toBe("yes");
  });

  it.each([
    ["no header", undefined],
    ["an empty one", ""],
    ["the scheme alone", "Bearer"],
    ["an empty token", "Bearer "],
    ["another token", "Bearer s3cretx"],
    ["the beginning of one", "Bearer s3cre"],
    ["in other case", "Bearer S3cret"],
    ["with something behind", "Bearer s3cret x"],
    ["two of them", "Bearer s3cret, Bearer s3cret"],
    ["another scheme", "Basic s3cret"],
    ["without a scheme", "s3cret"],
    ["a whole line of the file", "Bearer read reader"],
    ["a comment", "Bearer #comment"],
    ["its hash", "Bearer 1ec1c26b50d5d3c58d9583181af8076655fe00756bf7285940ba3670f99fcba0"],
  ])("keeps out: %s", (_, header) => {
    const { may } = open("s3cret\nread reader\n#comment\n");
    expect([may(header), may(header, true)]).toEqual(["INVALID_TOKEN", "INVALID_TOKEN"]);
  });

  it("that may read may not write", () => {
    const { may } = open("writer\nread\treader\n");
    expect([may("Bearer reader"), may("Bearer reader", true)]).toEqual(["yes", "READ_ONLY_TOKEN"]);
    expect([may("Bearer writer"), may("Bearer writer", true)]).toEqual(["yes", "yes"]);
  });

  it("is asked for in the words of RFC 6750, and not repeated", () => {
    const tokens = openTokens(temporaryFile("s3cret"), { invalidToken, readOnlyToken }, recordedLog(), 5);
    onTestFinished(() => tokens.close());
    expect(tokens.check(undefined, false)?.metadata.get("www-authenticate")).toBe(
      'Bearer realm="image-source"',
    );
    const wrong = tokens.check("Bearer wr0ng", false);
    expect(wrong?.metadata.get("www-authenticate")).toBe(
      'Bearer realm="image-source", error="invalid_token"',
    );
    expect(wrong?.message).not.toContain("wr0ng");
  });
});

describe("the file is refused at the start where it", () => {
  it.each([
    ["is empty", "", "it holds no token"],
    ["has nothing but comments", "# none\n\n", "it holds no token"],
    ["has two words in a line", "a\nwrite s3cret", "line 2 has to hold a token, or read and a token"],
    ["has three", "read s3cret x", "line 1 has"],
    ["says read and no more", "read\n", "line 1 has"],
    ["has other letters", "s3crét", "line 1 has"],
    ["has a token twice", "s3cret\n\nread s3cret\n", "lines 1 and 3 hold the same token"],
  ])("%s", (_, content, because) => {
    expect(() => open(content)).toThrow(because);
    expect(() => open(content)).not.toThrow(/s3cr/);
  });

  it("is not there", () => {
    const opening = () => openTokens("/none", { invalidToken, readOnlyToken }, recordedLog(), 5);
    expect(opening).toThrow("/none: there is no such file");
  });
});

describe("a file that changes", () => {
  it("lets in those of now", async () => {
    const { file, may } = open("first");
    writeFileSync(file, "read first\nsecond");
    await expect.poll(() => may("Bearer second", true)).toBe("yes");
    expect(may("Bearer first", true)).toBe("READ_ONLY_TOKEN");
    writeFileSync(file, "second");
    await expect.poll(() => may("Bearer first")).toBe("INVALID_TOKEN");
  });

  it.each(["", "# gone\n"])(
    "lets nobody in when it has become empty, says so, and takes the next ones: %j",
    async (content) => {
      const { file, may, text } = open("first");
      writeFileSync(file, content);
      await expect.poll(() => may("Bearer first")).toBe("INVALID_TOKEN");
      expect([may(undefined), may("Bearer "), may("")]).toEqual(Array(3).fill("INVALID_TOKEN"));
      expect(text()).toMatch(/^error .*it holds no token, so nobody may call/m);
      writeFileSync(file, "second");
      await expect.poll(() => may("Bearer second")).toBe("yes");
    },
  );

  it.each([
    ["is broken", (file: string) => writeFileSync(file, "a b s3cret")],
    ["is gone", (file: string) => rmSync(file)],
  ])("keeps the last good ones while it %s, and says so once", async (_, harm) => {
    const { file, may, text } = open("first");
    harm(file);
    await expect.poll(text).toContain("the last good content stays in use");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(may("Bearer first")).toBe("yes");
    expect(text().match(/the last good content/g)).toHaveLength(1);
    expect(text()).not.toContain("s3cret");
    writeFileSync(file, "second");
    await expect.poll(() => may("Bearer second")).toBe("yes");
  });
});
