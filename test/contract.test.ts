/**
 * The guard of the contract: what `npm run check` finds when somebody breaks what others have built on. The image in
 * `proto/` is the contract that they have.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const image = resolve("proto/imagesource.binpb");
const messages = "imagesource/v1/image.proto";
const service = "imagesource/v1/image_source_service.proto";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "image-source-contract-"));
  cpSync("proto", join(folder, "proto"), { recursive: true });
  cpSync("buf.yaml", join(folder, "buf.yaml"));
  cpSync("protocols", join(folder, "protocols"), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Changes the copy of the contract, which must hold the text that is changed. `$&` is that text. */
function change(file: string, from: string, to: string): void {
  const path = join(folder, "proto", file);
  const text = readFileSync(path, "utf8");
  const changed = text.replace(from, to);
  expect(changed, `${file} with ${from} changed`).not.toBe(text);
  writeFileSync(path, changed);
}

/** As `npm run check` asks. */
function breaking() {
  const buf = resolve("node_modules/.bin/buf");
  const { status, stdout, stderr } = spawnSync(buf, ["breaking", "proto", "--against", image], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, found: stdout + stderr };
}

describe("the contract", () => {
  it("as it is breaks nothing", () => {
    expect(breaking()).toEqual({ status: 0, found: "" });
  });

  it.each([
    ["a field", messages, "bool recommended = 16;", "$& bool preferred = 17;"],
    ["an enum's value", messages, "IMAGE_TYPE_UNKNOWN = 7;", "$& IMAGE_TYPE_OTHER = 8;"],
    ["a method", service, "rpc MenuImages(", "rpc Menu(MenuImagesRequest) returns (MenuImagesResponse); $&"],
  ])("may grow by %s", (_, file, from, to) => {
    change(file, from, to);
    expect(breaking()).toEqual({ status: 0, found: "" });
  });

  it.each([
    ["a field is removed", messages, "bool recommended = 16;", "", '"16"'],
    ["a field gets another number", messages, "bool recommended = 16;", "bool recommended = 17;", '"16"'],
    ["a field gets another type", messages, "string digest = 5;", "bytes digest = 5;", '"digest"'],
    ["a field gets another name", messages, "string digest = 5;", "string hash = 5;", '"digest"'],
    ["an enum's value is removed", messages, "IMAGE_TYPE_UNKNOWN = 7;", "", '"7"'],
    ["a method is renamed", service, "rpc MenuImages(", "rpc Menu(", '"MenuImages"'],
    ["a method may have side effects", service, "NO_SIDE_EFFECTS", "IDEMPOTENT", "ImageForReference"],
  ])("is found broken where %s", (_, file, from, to, named) => {
    change(file, from, to);
    const { status, found } = breaking();
    expect(status, found).toBe(100);
    expect(found).toContain(named);
  });
});
