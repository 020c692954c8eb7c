/** Files that are only ever whole, and the directory that they are in. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStateDirectory, type StateFile } from "../../src/files/state-files.ts";

function setUp(): string {
  const directory = mkdtempSync(join(tmpdir(), "image-source-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

async function linesOf(file: StateFile): Promise<string[] | undefined> {
  const lists = await file.read();
  if (!lists) return undefined;
  const lines: string[] = [];
  for await (const list of lists) lines.push(...list);
  return lines;
}

describe("a state directory", () => {
  it("is made where it is not there, and leaves nothing behind in it", () => {
    const directory = join(setUp(), "a", "b");
    openStateDirectory(directory);
    expect(readdirSync(directory)).toEqual([]);
    expect(() => openStateDirectory(directory)).not.toThrow();
  });

  it("is taken back as far as it was made and is empty", () => {
    const root = setUp();
    openStateDirectory(join(root, "a", "b")).unmake();
    expect(readdirSync(root)).toEqual([]);
    const used = openStateDirectory(join(root, "a", "b"));
    writeFileSync(join(root, "a", "file"), "");
    used.unmake();
    expect(readdirSync(join(root, "a"))).toEqual(["file"]);
    openStateDirectory(root).unmake();
    expect(existsSync(root)).toBe(true);
  });

  it.each([
    ["it is a file", (root: string) => join(root, "file"), "there is a file where a directory has to be"],
    [
      "it would be below a file",
      (root: string) => join(root, "file", "state"),
      "there is a file where a directory has to be",
    ],
    ["nothing can be made there", () => "/proc/no/state", "there is no such directory"],
  ])("is refused, naming it, where %s", (_, pathOf, because) => {
    const root = setUp();
    writeFileSync(join(root, "file"), "");
    const path = pathOf(root);
    expect(() => openStateDirectory(path)).toThrow(`${path} cannot be made or written: ${because}`);
  });
});

describe("a state file", () => {
  it.each<[string, string[]]>([
    ["no lines", []],
    ["a few lines", ["one", "", "three"]],
    [
      "a line longer than what is read at once, in letters of several bytes",
      ["a", "é€😀".repeat(50_000), "b"],
    ],
    ["many lines", Array.from({ length: 50_000 }, (_, index) => `line ${index}`)],
  ])("gives back %s", async (_, lines) => {
    const file = openStateDirectory(setUp()).file("lab");
    await file.write(["something longer that was there before"]);
    await file.write(lines);
    expect(await linesOf(file)).toEqual(lines);
  });

  it("is none where nothing was written; two names are two files", async () => {
    const directory = openStateDirectory(setUp());
    const [one, two] = [directory.file("one"), directory.file("two")];
    await one.write(["1"]);
    expect([await linesOf(one), await linesOf(two)]).toEqual([["1"], undefined]);
  });

  it("is as it was until the new one is whole, also where the lines fail", async () => {
    const root = setUp();
    const file = openStateDirectory(root).file("lab");
    await file.write(["old"]);
    const [old] = readdirSync(root);
    function* lines() {
      for (let line = 0; line < 20_000; line += 1) {
        expect(readFileSync(join(root, old ?? ""), "utf8")).toBe("old\n");
        yield `new ${line}`;
      }
      throw new Error("no more");
    }
    await expect(file.write(lines())).rejects.toThrow(`${file.path} cannot be written: no more`);
    expect([readdirSync(root), await linesOf(file)]).toEqual([[old], ["old"]]);
  });

  it("is not harmed by what a killed process has left beside it, which goes after a while", async () => {
    const root = setUp();
    const [old, recent] = ["lab.jsonl.a.new", "lab.jsonl.b.new"].map((name) => join(root, name));
    for (const path of [old, recent]) writeFileSync(path ?? "", "half of a line that is longer");
    utimesSync(old ?? "", 0, 0);
    const file = openStateDirectory(root).file("lab");
    await file.write(["new"]);
    expect(await linesOf(file)).toEqual(["new"]);
    expect(readdirSync(root).sort()).toEqual(["lab.jsonl", "lab.jsonl.b.new"]);
  });

  it("is whole at any time where two processes write it, which is the last one's then", async () => {
    const root = setUp();
    const files = [openStateDirectory(root).file("lab"), openStateDirectory(root).file("lab")];
    const lines = (own: number) => Array.from({ length: 5_000 }, () => `line of ${own}`);
    await Promise.all(
      files.map(async (file, own) => {
        for (let time = 0; time < 5; time += 1) await file.write(lines(own));
      }),
    );
    const found = files[0] && (await linesOf(files[0]));
    expect([lines(0), lines(1)]).toContainEqual(found);
    expect(readdirSync(root)).toEqual(["lab.jsonl"]);
  });

  it("is set aside, and what it holds is there still", async () => {
    const root = setUp();
    const file = openStateDirectory(root).file("lab");
    await file.write(["odd"]);
    await file.setAside();
    expect(await file.read()).toBeUndefined();
    expect(readFileSync(`${file.path}.unusable`, "utf8")).toBe("odd\n");
    await file.write(["new"]);
    expect(readFileSync(`${file.path}.unusable`, "utf8")).toBe("odd\n");
  });

  it.runIf(existsSync("/dev/full"))(
    "stays as it was while the disk is full; what is half-written goes",
    async () => {
      const file = openStateDirectory(setUp(), "own").file("lab");
      await file.write(["old"]);
      symlinkSync("/dev/full", `${file.path}.own.new`);
      await expect(file.write(["new"])).rejects.toThrow(`${file.path} cannot be written: the disk is full`);
      expect([await linesOf(file), existsSync(`${file.path}.own.new`)]).toEqual([["old"], false]);
      await file.write(["new"]);
      expect(await linesOf(file)).toEqual(["new"]);
    },
  );

  it("cannot be written while its directory is gone or replaced, and can be again", async () => {
    const root = join(setUp(), "state");
    const file = openStateDirectory(root).file("lab");
    const refused = (because: string) => {
      return expect(file.write(["x"])).rejects.toThrow(`${file.path} cannot be written: ${because}`);
    };
    rmSync(root, { recursive: true });
    await refused("there is no such directory");
    writeFileSync(root, "");
    await refused("there is a file where a directory has to be");
    rmSync(root);
    mkdirSync(root);
    mkdirSync(file.path);
    await refused("there is a directory of that name");
    await expect(linesOf(file)).rejects.toThrow("it cannot be read: there is a directory of that name");
    rmSync(file.path, { recursive: true });
    await file.write(["x"]);
    expect(await linesOf(file)).toEqual(["x"]);
  });
});
