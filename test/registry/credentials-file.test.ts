/** What a reader makes of its credentials file: at the start, and when the file changes. */
import { mkdirSync, writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { credentialsFile } from "../../src/registry/credentials-file.ts";
import { readerOf, recordedLog, temporaryDirectory, temporaryFile } from "./reader.ts";

const auth = (name: string) => ({ auth: Buffer.from(`${name}:s3cret`).toString("base64") });
const repository = { registry: "r.example", repository: "lab/image" };

function load(content: string | object) {
  const path = temporaryFile(content, "config.json");
  const log = recordedLog();
  const source = credentialsFile(path, repository, log, undefined);
  onTestFinished(() => source.close());
  const user = () => (source.value?.kind === "password" ? source.value.username : source.value);
  return { path, log, source, user };
}

describe("a program that holds logins", () => {
  it.each([
    [
      "case 39: for others is named with their hosts, at the start",
      {
        auths: { "r.example": auth("us"), "b.example": {}, "https://a.example/v1/": {} },
        credsStore: "desktop",
      },
      'credsStore of the file: not supported, so what a program holds for "a.example", "b.example" is not used',
    ],
    [
      "case 39: for one host is named with it",
      { auths: { "r.example": auth("us") }, credHelpers: { "gcr.io": "gcloud", "eu.gcr.io": "gcloud" } },
      'credHelpers of the file: not supported, so what a program holds for "eu.gcr.io", "gcr.io" is not used',
    ],
    [
      "case 39: of both kinds is named by both",
      {
        auths: { "r.example": auth("us"), "b.example": {} },
        credsStore: "x",
        credHelpers: { "gcr.io": "y" },
      },
      'credHelpers and credsStore of the file: not supported, so what a program holds for "b.example", "gcr.io" is not used',
    ],
    [
      "case 39: for every host is named alone",
      { auths: { "r.example": auth("us") }, credsStore: "desktop" },
      "credsStore of the file: not supported, so what a program holds is not used",
    ],
    [
      "case 39: beside a login of the file is not used, and the login is",
      { auths: { "r.example": auth("us") }, credHelpers: { "r.example": "x" } },
      'credHelpers of the file: not supported, so what a program holds for "r.example" is not used',
    ],
  ])("%s", (_, content, complaint) => {
    const { log, path, user } = load(content);
    expect(user()).toBe("us");
    expect(log.text()).toBe(`warn credentials file: ${complaint} ${JSON.stringify({ file: path })}`);
  });

  it.each([
    ["credHelpers", { credHelpers: { "r.example": "gcr" } }],
    [
      "credHelpers",
      { auths: { "other.example": auth("x") }, credHelpers: { "https://R.example:443/v2/": "g" } },
    ],
    [
      "credHelpers",
      { auths: { "r.example": {} }, credHelpers: { "r.example": "gcr" }, credsStore: "desktop" },
    ],
    ["credsStore", { auths: { "r.example": {} }, credsStore: "desktop" }],
    ["credsStore", { auths: { "https://r.example/v1/": { email: "a@b" } }, credsStore: "desktop" }],
  ])("case 39: as the only one who has our login, by %s, is a clear error: %o", (key, content) => {
    const path = temporaryFile(content, "config.json");
    const start = () => readerOf({ host: "r.example" }, { options: { credentialsFile: path } });
    expect(start).toThrow(
      `credentials file ${path}: it leaves the login of r.example to ${key}, which is not supported; ` +
        "the login itself has to be in auths",
    );
  });

  it("case 39: that may or may not have our login is no error, but told", () => {
    const { log, user } = load({ auths: {}, credsStore: "desktop" });
    expect(user()).toBeUndefined();
    expect(log.text()).toContain("credsStore of the file: not supported");
    expect(log.text()).toContain("warn the credentials file has none for this registry");
  });

  it.each([
    ["an empty program", { credHelpers: { "r.example": "" }, credsStore: "" }],
    ["an entry without a login, and no store", { auths: { "r.example": {} } }],
  ])("case 37: is not meant by %s", (_, content) => {
    const { log, user } = load(content);
    expect(user()).toBeUndefined();
    expect(log.text()).not.toContain("not supported");
  });
});

describe("case 41: a file that changes", () => {
  it("gives its new login, and is complained about once", async () => {
    const content = (name: string) =>
      JSON.stringify({ auths: { "r.example": auth(name) }, credHelpers: { "gcr.io": "x" } });
    const { path, log, source, user } = load(content("old"));
    writeFileSync(path, content("new"));
    await source.check();
    expect(user()).toBe("new");
    expect(log.text().match(/not supported/g)).toHaveLength(1);
  });

  it.each([
    ["half-written", '{"auths":{"r.example":{"auth":"s3c', "it is no JSON object"],
    ["empty", "", "it is no JSON object"],
    [
      "with a broken login",
      JSON.stringify({ auths: { "r.example": { auth: "s3cret" } } }),
      'auth of "r.example" is not the base64 form of user:password',
    ],
    [
      "with our login in a program only",
      JSON.stringify({ auths: { "r.example": {} }, credsStore: "x" }),
      "it leaves the login of r.example to credsStore",
    ],
  ])(
    "and is %s leaves the old login in use, and is named without its content",
    async (_, content, because) => {
      const { path, log, source, user } = load({ auths: { "r.example": auth("old") } });
      writeFileSync(path, content);
      await source.check();
      await source.check();
      expect(user()).toBe("old");
      expect(log.text()).toMatch(/^error [^\n]*$/);
      expect(log.text()).toContain(`credentials file ${path}: ${because}`);
      expect(log.text()).toContain("the last good content stays in use");
      expect(log.text()).not.toContain("s3c");
    },
  );

  it("and loses our login leaves us without one, and says so", async () => {
    const { path, log, source, user } = load({ auths: { "r.example": auth("old") } });
    writeFileSync(path, "{}");
    await source.check();
    expect(user()).toBeUndefined();
    expect(log.text()).toContain("warn the credentials file has none for this registry");
  });
});

describe("case 37: a file that is wrong", () => {
  const directory = () => {
    const path = `${temporaryDirectory()}/config.json`;
    mkdirSync(path);
    return path;
  };

  it.each([
    ["is missing", () => `${temporaryDirectory()}/config.json`, "there is no such file"],
    ["is a directory", directory, "it is a directory"],
    ["is empty", () => temporaryFile(""), "it is no JSON object"],
    ["is no object", () => temporaryFile('["s3cret"]'), "it is no JSON object"],
    ["breaks off", () => temporaryFile('{"auths": s3cret'), "it is no JSON object"],
    ["has a list of logins", () => temporaryFile({ auths: ["s3cret"] }), "auths is no object"],
    [
      "has a login that is no base64",
      () => temporaryFile({ auths: { "a.example": { auth: "s3cret" } } }),
      'auth of "a.example" is not the base64 form of user:password',
    ],
    ["has logins that are text", () => temporaryFile({ auths: "s3cret" }), "auths is no object"],
    [
      "has programs that are text",
      () => temporaryFile({ credHelpers: "s3cret" }),
      "credHelpers is no object",
    ],
    ["has a store that is no text", () => temporaryFile({ credsStore: ["s3cret"] }), "credsStore is no text"],
    [
      "has a program that is no text",
      () => temporaryFile({ credHelpers: { "r.example": { s3cret: 1 } } }),
      'credHelpers of "r.example" is no text',
    ],
    [
      "has an entry that is text",
      () => temporaryFile({ auths: { "r.example": "s3cret" } }),
      'the entry of "r.example" is no object',
    ],
    [
      "has an auth that is no text",
      () => temporaryFile({ auths: { "r.example": { auth: ["s3cret"] } } }),
      'auth of "r.example" is no text',
    ],
    [
      "has a token that cannot be sent",
      () => temporaryFile({ auths: { "r.example": { registrytoken: "s3cret\r\n" } } }),
      'registrytoken of "r.example" holds what no token may',
    ],
    [
      "has a key with a password in it",
      () => temporaryFile({ auths: { "https://us:s3cret@r.example": { auth: "x" } } }),
      "auth of an entry that is no host is not the base64 form",
    ],
    [
      "is older than auths",
      () => temporaryFile({ "https://r.example/v1/": { auth: "s3cret", email: "a@b" } }),
      "it has the format of .dockercfg; its entries have to be in an object auths",
    ],
  ])("because it %s is refused by its name, without its content", (_, make, because) => {
    const path = make();
    const start = () => readerOf({ host: "r.example" }, { options: { credentialsFile: path } });
    expect(start).toThrow(`credentials file ${path}: ${because}`);
    expect(start).not.toThrow("s3cret");
  });
});
