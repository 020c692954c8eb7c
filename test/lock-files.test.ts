/**
 * Both lock files hold the same: `package-lock.json` for npm, `deno.lock` for Deno, which has what the program runs on.
 * After a change `npm run lock:deno` writes the latter anew.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

interface Locked {
  readonly version: string;
  readonly integrity: string;
}

const read = (file: string) => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), "utf8"));
const described = read("package.json");
const ours = read("deno.lock");

it("deno.lock is made for the dependencies of package.json", () => {
  const all = Object.entries({ ...described.dependencies, ...described.devDependencies });
  expect(ours.workspace.packageJson.dependencies).toEqual(
    all.map(([name, version]) => `npm:${name}@${version}`).sort(),
  );
});

it("deno.lock has packages as package-lock.json has them", () => {
  const packages = Object.entries(read("package-lock.json").packages as Record<string, Locked>);
  const theirs = new Map(
    packages.map(([path, { version, integrity }]) => [
      `${path.slice(path.lastIndexOf("node_modules/") + 13)}@${version}`,
      integrity,
    ]),
  );
  const found = Object.entries(ours.npm as Record<string, Locked>).map(([name, { integrity }]) => [
    /^@?[^@]+@[^_]+/.exec(name)?.[0] ?? "", // without what Deno notes of its peers
    integrity,
  ]);
  expect(found.length).toBeGreaterThan(100);
  expect(found).toEqual(found.map(([name = ""]) => [name, theirs.get(name)]));
});
