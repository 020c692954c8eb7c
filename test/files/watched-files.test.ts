import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { watchFiles } from "../../src/files/watched-files.ts";

/** Files in a directory of their own, with a log of what is said about them. */
function setUp() {
  const directory = mkdtempSync(join(tmpdir(), "image-source-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const said: string[] = [];
  const log = {
    info: (_: object, message: string) => void said.push(`info ${message}`),
    error: (_: object, message: string) => void said.push(`error ${message}`),
  };
  const path = (name: string) => join(directory, name);
  const write = (name: string, content: string) => {
    writeFileSync(path(name), content);
    return path(name);
  };
  return { directory, said, log, path, write };
}

/** Takes numbers only. */
function parse(contents: readonly string[]): number[] {
  if (contents.some((text) => !/^\d+$/.test(text))) throw new Error("it is no number");
  return contents.map(Number);
}

const what = "numbers";

describe("watched files", () => {
  it("have the value of what they hold, and of what they hold later", async () => {
    const { log, said, write } = setUp();
    const path = write("a", "1");
    const changes: number[][] = [];
    const files = watchFiles([path], { what, parse, log, onChange: (value) => void changes.push(value) });
    onTestFinished(() => files.close());
    expect(files.value).toEqual([1]);
    await files.check();
    write("a", "2");
    expect(files.value).toEqual([1]);
    await files.check();
    expect(files.value).toEqual([2]);
    expect(changes).toEqual([[2]]);
    expect(said).toEqual([`info numbers ${path}: changed, and read again`]);
  });

  it("are looked at by themselves", async () => {
    const { log, write } = setUp();
    const path = write("a", "1");
    const changed = Promise.withResolvers<number[]>();
    const files = watchFiles([path], { what, parse, log, onChange: changed.resolve, intervalMs: 1 });
    onTestFinished(() => files.close());
    renameSync(write("b", "2"), path);
    expect(await changed.promise).toEqual([2]);
  });

  it("are followed through a link that is moved, as Kubernetes moves it", async () => {
    const { log, path, write } = setUp();
    write("old", "1");
    write("new", "2");
    symlinkSync(path("old"), path("link"));
    const files = watchFiles([path("link")], { what, parse, log });
    onTestFinished(() => files.close());
    symlinkSync(path("new"), path("next"));
    renameSync(path("next"), path("link"));
    await files.check();
    expect(files.value).toEqual([2]);
  });

  it("keep the last good value while they are broken or gone, and say so once", async () => {
    const { log, said, path, write } = setUp();
    write("a", "1");
    const files = watchFiles([path("a")], { what, parse, log });
    onTestFinished(() => files.close());
    write("a", "s3cret");
    await files.check();
    await files.check();
    expect(said).toEqual([`error numbers ${path("a")}: it is no number; the last good content stays in use`]);
    rmSync(path("a"));
    await files.check();
    await files.check();
    expect(said[1]).toBe(
      `error numbers ${path("a")}: there is no such file; the last good content stays in use`,
    );
    expect(said).toHaveLength(2);
    expect(files.value).toEqual([1]);
    write("a", "3");
    await files.check();
    expect(files.value).toEqual([3]);
  });

  it("that belong together are taken together", async () => {
    const { log, path, write } = setUp();
    const together = (contents: readonly string[]) => {
      if (contents[0] !== contents[1]) throw new Error("they do not fit");
      return parse(contents);
    };
    const files = watchFiles([write("a", "1"), write("b", "1")], { what, parse: together, log });
    onTestFinished(() => files.close());
    write("a", "2");
    await files.check();
    expect(files.value).toEqual([1, 1]);
    write("b", "2");
    await files.check();
    expect(files.value).toEqual([2, 2]);
    expect(path("a")).not.toBe(path("b"));
  });

  it("are not taken over while who is told of the change refuses", async () => {
    const { log, said, write } = setUp();
    let refuse = true;
    const onChange = () => {
      if (refuse) throw new Error("not now");
    };
    const files = watchFiles([write("a", "1")], { what, parse, log, onChange });
    onTestFinished(() => files.close());
    write("a", "2");
    await files.check();
    expect(files.value).toEqual([1]);
    expect(said).toEqual(["error not now; the last good content stays in use"]);
    refuse = false;
    await files.check();
    expect(files.value).toEqual([2]);
  });

  it.each([
    ["is missing", "missing", "there is no such file"],
    ["is a directory", "", "it is a directory"],
    ["is broken", "broken", "it is no number"],
  ])("of which one %s are refused at the start, naming it and not its content", (_, name, because) => {
    const { log, path, write } = setUp();
    write("broken", "s3cret");
    const start = () => watchFiles([write("good", "1"), path(name)], { what, parse, log });
    expect(start).toThrow(path(name));
    expect(start).toThrow(because);
    expect(start).not.toThrow("s3cret");
  });
});
