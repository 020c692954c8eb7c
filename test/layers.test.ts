import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** The rooms, and what each may import besides itself. Nothing points up. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli"],
  cli: ["app", "config", "client", "observability"],
  app: [
    ...[
      "servers",
      "rpc",
      "status",
      "sources",
      "registry",
      "artifactregistry",
      "client",
      "prepuller",
      "kubernetes",
    ],
    ...["config", "files", "async", "observability", "domain", "gen"],
  ],
  servers: ["files", "async", "observability", "status", "gen"],
  rpc: ["domain", "status", "gen"],
  status: ["gen"],
  sources: ["domain", "async", "observability"],
  registry: ["domain", "async", "files", "observability"],
  artifactregistry: ["domain", "async", "files", "observability", "gen"],
  kubernetes: ["domain", "async", "files", "observability"],
  client: ["files", "async", "observability", "status", "gen"],
  prepuller: ["client", "kubernetes", "domain", "async", "observability", "gen"],
  config: ["domain"],
  files: ["observability"],
  observability: [],
  async: [],
  domain: [],
};

/** Text of each file by its path below the project: `src/domain/tag.ts`. */
type Files = ReadonlyMap<string, string>;

const sources: Files = new Map(
  readdirSync("src", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [`src/${file}`, readFileSync(`src/${file}`, "utf8")]),
);

/** What a file imports, exports from or loads: paths as from the project, other names as they stand. */
function importsOf(file: string, text: string): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+)["']/g);
  return [...found].map(([, name = ""]) =>
    name.startsWith(".") ? new URL(name, `file:///${file}`).pathname.slice(1) : name,
  );
}

/** The room of a path: `domain`, `main.ts`, `gen`; undefined for what is no path of the project. */
function roomOf(path: string): string | undefined {
  const [top = "", room] = path.split("/");
  return top === "src" ? room : top;
}

function wrongImports(files: Files): string[] {
  return [...files].flatMap(([file, text]) => {
    const room = roomOf(file) ?? "";
    const allowed = mayImport[room];
    if (allowed === undefined) {
      return [`${file} is in no room of the table`];
    }
    return importsOf(file, text)
      .filter((target) => target.startsWith("node:") || target.includes(".ts"))
      .filter((target) => {
        const other = target.startsWith("node:") ? target : (roomOf(target) ?? "");
        return target.startsWith("node:") ? room === "domain" : other !== room && !allowed.includes(other);
      })
      .map((target) => `${file} imports ${target}`);
  });
}

/** The first cycle of files that is found, as a path. */
function cycleIn(files: Files): string[] | undefined {
  const done = new Set<string>();
  function visit(file: string, way: readonly string[]): string[] | undefined {
    if (way.includes(file)) {
      return [...way.slice(way.indexOf(file)), file];
    }
    if (done.has(file)) {
      return undefined;
    }
    for (const target of importsOf(file, files.get(file) ?? "")) {
      const cycle = files.has(target) ? visit(target, [...way, file]) : undefined;
      if (cycle) {
        return cycle;
      }
    }
    done.add(file);
    return undefined;
  }
  for (const file of files.keys()) {
    const cycle = visit(file, []);
    if (cycle) {
      return cycle;
    }
  }
  return undefined;
}

it("imports run one way", () => {
  expect(sources.size).toBeGreaterThan(20);
  expect(wrongImports(sources)).toEqual([]);
});

it("no files import each other in a circle", () => {
  expect(cycleIn(sources)).toBeUndefined();
});

it("every room that a room may import is in the table", () => {
  const rooms = [...Object.keys(mayImport), "gen"];
  expect(
    Object.values(mayImport)
      .flat()
      .filter((room) => !rooms.includes(room)),
  ).toEqual([]);
});

it.each([
  ["a room above", "src/domain/x.ts", 'import { y } from "../sources/y.ts";', "src/sources/y.ts"],
  ["a type of a room above", "src/domain/x.ts", 'import type { Y } from "../rpc/y.ts";', "src/rpc/y.ts"],
  ["a room beside", "src/registry/x.ts", 'import { y } from "../sources/y.ts";', "src/sources/y.ts"],
  ["over several lines", "src/async/x.ts", 'import {\n  y,\n} from "../domain/y.ts";', "src/domain/y.ts"],
  ["by exporting it", "src/status/x.ts", 'export * from "../domain/y.ts";', "src/domain/y.ts"],
  ["for its effects", "src/files/x.ts", 'import "../domain/y.ts";', "src/domain/y.ts"],
  ["while it runs", "src/files/x.ts", 'const y = await import("../domain/y.ts");', "src/domain/y.ts"],
  [
    "generated code where it is not allowed",
    "src/sources/x.ts",
    'import { y } from "../../gen/y_pb.ts";',
    "gen/y_pb.ts",
  ],
  ["tests", "src/app/x.ts", 'import { y } from "../../test/support/y.ts";', "test/support/y.ts"],
  ["more than commands from main.ts", "src/main.ts", 'import { y } from "./app/y.ts";', "src/app/y.ts"],
  ["main.ts from a room", "src/cli/x.ts", 'import { y } from "../main.ts";', "src/main.ts"],
  ["a built-in module from the domain", "src/domain/x.ts", 'import { y } from "node:fs";', "node:fs"],
])("a wrong import is found: %s", (_, file, text, target) => {
  expect(wrongImports(new Map([[file, text]]))).toEqual([`${file} imports ${target}`]);
});

it.each([
  ["of the own room", "src/domain/x.ts", 'import { y } from "./y.ts";'],
  ["of a folder of the own room", "src/rpc/a/x.ts", 'import { y } from "../y.ts";'],
  ["of a room below", "src/sources/x.ts", 'import { y } from "../domain/y.ts";'],
  ["of generated code", "src/rpc/x.ts", 'import * as pb from "../../gen/y_pb.ts";'],
  ["of a package", "src/registry/x.ts", 'import { request } from "undici";'],
  ["of a built-in module", "src/files/x.ts", 'import { watch } from "node:fs";'],
  ["of the commands", "src/main.ts", 'import { y } from "./cli/y.ts";'],
])("an import is right: %s", (_, file, text) => {
  expect(wrongImports(new Map([[file, text]]))).toEqual([]);
});

it("a file outside the rooms is found", () => {
  expect(wrongImports(new Map([["src/utils/x.ts", ""]]))).toEqual([
    "src/utils/x.ts is in no room of the table",
  ]);
});

it("a circle of files is found", () => {
  const files = new Map([
    ["src/domain/a.ts", 'import "./b.ts";'],
    ["src/domain/b.ts", 'export { c } from "./c.ts";'],
    ["src/domain/c.ts", 'import type { B } from "./b.ts";'],
  ]);
  expect(cycleIn(files)).toEqual(["src/domain/b.ts", "src/domain/c.ts", "src/domain/b.ts"]);
});
