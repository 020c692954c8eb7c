import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Reader } from "../../src/sources/reader.ts";
import { type FakeRegistry, failure, type Reply } from "../support/registry.ts";
import { failureOf, listAll, never, readerOf, startRegistry } from "./reader.ts";

const list = "/v2/lab/image/tags/list";

/** `t00001` and so on, in the order of the registry. */
function tags(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t${String(index + 1).padStart(5, "0")}`);
}

/** A registry that answers the pages of a listing with these, one after the other. */
async function scripted(...replies: Reply[]): Promise<FakeRegistry> {
  const registry = await startRegistry();
  for (const reply of replies.toReversed()) registry.rule({ path: list, times: 1, reply });
  return registry;
}

const page = (names: readonly unknown[] | null, link?: string | string[]): Reply => ({
  status: 200,
  headers: link === undefined ? {} : { link },
  body: { name: "lab/image", tags: names },
});

const queries = (registry: FakeRegistry) => registry.received("GET", list).map(({ query }) => query);

describe("a listing", () => {
  it("fits the reader that a source needs", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": ["a"] } });
    const reader: Reader = readerOf(registry);
    expect(reader.resolve).toBeDefined();
  });

  it("case 63, case 123: reads a repository of ten pages with ten requests, in parts of a page", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(9_999) }, maxPage: 1000 });
    const { names, pages } = await listAll(readerOf(registry));
    expect(names).toEqual(tags(9_999));
    expect(pages).toEqual([...Array(9).fill(1000), 999]);
    expect(registry.requests).toHaveLength(10);
    expect(queries(registry)[0]).toBe("n=1000");
  });

  it("case 58: reads what an unpaginated server sends with one request, and hands it on in parts", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(2500) } });
    const { names, pages } = await listAll(readerOf(registry));
    expect(names).toEqual(tags(2500));
    expect(pages).toEqual([1000, 1000, 500]);
    expect(registry.requests).toHaveLength(1);
  });

  it.each([
    ["case 43: tags that are null are no tags", [page(null)], []],
    ["case 43: a null last page is the end", [page(["a"], '<?n=1&last=a>; rel="next"'), page(null)], ["a"]],
    [
      "case 44: a last page of nulls is the end",
      [page(["a"], '<?last=a>; rel="next"'), page([null, null])],
      ["a"],
    ],
    ["case 46: an empty list is empty", [page([])], []],
    ["a list without tags is empty", [{ status: 200, body: { name: "lab/image" } }], []],
    [
      "case 60: a tag that comes twice is listed once, in the registry's order",
      [page(["b", "a", "b"], '<?last=b>; rel="next"'), page(["a", "c"])],
      ["b", "a", "c"],
    ],
    [
      "case 145: attachments are passed on",
      [page([`sha256-${"a".repeat(64)}.sig`])],
      [`sha256-${"a".repeat(64)}.sig`],
    ],
    [
      "case 61: a push and a delete between two pages do no harm",
      [page(["a", "b"], '<?last=b>; rel="next"'), page(["a", "c"])],
      ["a", "b", "c"],
    ],
    [
      "case 109: __proto__ is a key like others",
      [{ status: 200, body: '{"__proto__":{"tags":["x"]},"tags":["a"]}' }],
      ["a"],
    ],
  ] as [string, Reply[], string[]][])("%s", async (_, replies, expected) => {
    const registry = await scripted(...replies);
    expect((await listAll(readerOf(registry))).names).toEqual(expected);
    expect(registry.requests).toHaveLength(replies.length);
  });

  it("case 44, case 45: leaves out what is no tag, and says so once", async () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const registry = await scripted(
      page(["ok", null, digest, 7], '<?last=7>; rel="next"'),
      page(["-ot-beta-jmx", "fine", "x".repeat(129)]),
    );
    const { names, warnings } = await listAll(readerOf(registry));
    expect(names).toEqual(["ok", "fine"]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("5 entries");
    expect(warnings[0]).toContain('"-ot-beta-jmx"');
  });

  it("case 46: a repository that is not known is another thing than an empty one", async () => {
    const registry = await startRegistry();
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "repository_not_found" });
    expect(error.message).toBe(
      `GET ${list} at ${registry.host} was answered with 404: NAME_UNKNOWN: repository name not known to registry`,
    );
  });

  it("case 56: fails, and lists nothing more, when a budget is hit", async () => {
    const budget = { pages: 10, tags: 100, bytes: 10_000 };
    const registry = await startRegistry({ repositories: { "lab/image": tags(50) }, maxPage: 10 });
    const wholly = await listAll(readerOf(registry, { options: { budget } }));
    expect(wholly.names).toHaveLength(50);
    for (const [short, named] of [
      [{ pages: 4 }, "4 pages"],
      [{ tags: 49 }, "49 tags"],
      [{ bytes: 300 }, "300 bytes"],
    ] as const) {
      const error = await failureOf(
        listAll(readerOf(registry, { options: { budget: { ...budget, ...short } } })),
      );
      expect(error).toMatchObject({ fault: "registry_limit" });
      expect(error.message).toContain(named);
    }
  });

  it("case 64, case 108: a page over its limit is an error, and no short list", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(1000) } });
    const error = await failureOf(listAll(readerOf(registry, { limits: { pageBytes: 5000 } })));
    expect(error).toMatchObject({ fault: "registry_limit" });
    expect(error.message).toContain("5000 bytes");
  });

  it("case 108: a page that was packed without being asked is not unpacked", async () => {
    const registry = await scripted({ status: 200, headers: { "content-encoding": "gzip" }, body: "bomb" });
    expect(await failureOf(listAll(readerOf(registry)))).toMatchObject({ fault: "registry_corrupt" });
    expect(registry.requests[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it.each([
    ["text", "no JSON"],
    ["a page of HTML", "<html><title>Welcome</title></html>"],
    ["nothing", ""],
    ["another object", '{"repositories":[]}'],
    ["tags that are no list", '{"name":"lab/image","tags":{"a":1}}'],
    ["a list that breaks off", '{"name":"lab/image","tags":["a","b"'],
    ["case 109: brackets without end", `{"tags":${"[".repeat(100)}${"]".repeat(100)}}`],
  ])("is no list, but %s", async (_, body) => {
    const registry = await scripted({ status: 200, body });
    expect(await failureOf(listAll(readerOf(registry)))).toMatchObject({ fault: "registry_corrupt" });
  });

  it("case 96: passes on what the registry warns of, once", async () => {
    const warning = '299 - "this registry closes on 2077-12-31"';
    const registry = await scripted(
      { status: 200, headers: { warning, link: '<?last=a>; rel="next"' }, body: { tags: ["a"] } },
      { status: 200, headers: { warning }, body: { tags: ["b"] } },
    );
    const { warnings } = await listAll(readerOf(registry));
    expect(warnings).toEqual(["the registry says: this registry closes on 2077-12-31"]);
  });
});

describe("the next page", () => {
  const second = "next_page=gAAA%2FB%3D+x&n=2";

  it.each([
    ["case 47: a relative link", `<${list}?${second}>; rel="next"`],
    ["case 48: an absolute link to the same origin", `<http://HOST${list}?${second}>; rel="next"`],
    ["case 49: an absolute link with another scheme", `<https://HOST${list}?${second}>; rel="next"`],
    ["case 50: a link without our port", `<http://127.0.0.1${list}?${second}>; rel="next"`],
    [
      "case 50: a link with an internal prefix",
      `<http://127.0.0.1:1/repository/x${list}?${second}>; rel="next"`,
    ],
    [
      "case 50: a link to another host",
      `<https://metadata.invalid/v2/other/tags/list?${second}>; rel="next"`,
    ],
    ["case 50: a link to another repository", `</v2/mirror/lab/image/tags/list?${second}>; rel="next"`],
    ["case 53: a rel without quotes", `<${list}?${second}>; rel=next`],
    [
      "case 53: an upper-case REL after other parameters",
      `<${list}?${second}>; title="a, b; rel=prev"; REL="NEXT"`,
    ],
    ["case 53: a rel with two values", `<${list}?${second}>; rel="last next"`],
    ["case 53: the second of two links", `<${list}?n=2>; rel="first", <${list}?${second}>; rel="next"`],
    ["case 53: the second of two headers", [`<${list}?n=2>; rel="prev"`, `<${list}?${second}>; rel="next"`]],
    ["case 51: the query of a link that has a fragment", `<${list}?${second}#top>; rel="next"`],
  ])("%s is followed on our own URL, its query as it is (case 51)", async (_, link) => {
    const registry = await startRegistry();
    const links = [link].flat().map((text) => text.replace("HOST", registry.host));
    registry.rule({ path: list, times: 1, reply: page(["c", "d"]) });
    registry.rule({ path: list, times: 1, reply: page(["a", "b"], links) });
    expect((await listAll(readerOf(registry))).names).toEqual(["a", "b", "c", "d"]);
    expect(registry.requests.map(({ path, query }) => [path, query])).toEqual([
      [list, "n=1000"],
      [list, second],
    ]);
  });

  it.each([
    ["case 51: Quay's next_page", "next_page=gAAAAABk%3D%3D&n=50"],
    ["case 51: ACR's orderby", "last=v1&n=100&orderby="],
    ["case 51: GHCR's n=0", "last=v1.0%2B2&n=0"],
    ["case 51: quotes and bars", "last='a'|b"],
  ])("%s is sent letter by letter", async (_, query) => {
    const registry = await scripted(page(["a"], `<${list}?${query}>; rel="next"`), page(["b"]));
    await listAll(readerOf(registry));
    expect(queries(registry)).toEqual(["n=1000", query]);
  });

  it("case 52: last does not pile up", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(5) }, maxPage: 1 });
    expect((await listAll(readerOf(registry))).names).toEqual(tags(5));
    expect(queries(registry)).toHaveLength(5);
    for (const query of queries(registry).slice(1)) expect(query).toMatch(/^last=t\d{5}&n=1$/);
  });

  it.each([
    ["case 54: an empty link", "<>; rel=next"],
    ["case 54: a link without an end", `<${list}?last=b; rel="next"`],
    ["case 62: a link without brackets", `${list}?last=b; rel="next"`],
    ["case 54: a link without a query", `<${list}>; rel="next"`],
    ["case 54: a link with a space in it", `<${list}?last=a b>; rel="next"`],
    ["case 54: a link that is no URL", `<http://[::bad/?last=b>; rel="next"`],
    ["case 54: text behind the link", `<${list}?last=b>; rel="next" and so on`],
  ])("%s is an error, and no short list", async (_, link) => {
    const registry = await scripted(page(["a", "b"], link));
    expect(await failureOf(listAll(readerOf(registry)))).toMatchObject({ fault: "registry_corrupt" });
    expect(registry.requests).toHaveLength(1);
  });

  it("a link that is not to the next page is the end", async () => {
    const registry = await scripted(
      page(["a"], `<${list}?n=1>; rel="prev", <https://docs.invalid/next>; title=next`),
    );
    expect((await listAll(readerOf(registry))).names).toEqual(["a"]);
  });

  it.each([
    ["the same link again", [page(["a"], '<?last=1>; rel="next"'), page(["b"], '<?last=1>; rel="next"')], 2],
    ["a link to the first page", [page(["a"], '<?n=1000>; rel="next"')], 1],
    ["a page with the tags of the one before", [page(["a"], '<?last=1>; rel="next"'), page(["a"])], 2],
    [
      "pages with the same tags and ever new links",
      [page(["a"], '<?last=1>; rel="next"'), page(["a"], '<?last=2>; rel="next"')],
      2,
    ],
    [
      "empty pages with ever new links",
      [page(["a"], '<?last=1>; rel="next"'), page([], '<?last=2>; rel="next"')],
      2,
    ],
  ] as [string, Reply[], number][])("case 55: %s is an error", async (_, replies, requests) => {
    const registry = await scripted(...replies);
    const error = await failureOf(listAll(readerOf(registry)));
    expect(error).toMatchObject({ fault: "registry_corrupt" });
    expect(error.message).toContain("repeats");
    expect(registry.requests).toHaveLength(requests);
  });
});

describe("a page without a link", () => {
  const limits = { pageSize: 3 };

  it.each([
    ["with fewer tags than asked for is the last", [page(["a", "b"])], ["n=3"]],
    ["with more tags than asked for is everything", [page(["a", "b", "c", "d"])], ["n=3"]],
    [
      "that is exactly full is probed, and nothing follows",
      [page(["a", "b", "c"]), page(null)],
      ["n=3", "n=3&last=c"],
    ],
    [
      "that is exactly full is probed, and the same comes again",
      [page(["a", "b", "c"]), page(["a", "b", "c"])],
      ["n=3", "n=3&last=c"],
    ],
    [
      "that is exactly full is probed, and the same comes with a link",
      [page(["a", "b", "c"]), page(["a", "b", "c"], '<?last=x>; rel="next"')],
      ["n=3", "n=3&last=c"],
    ],
    [
      "that is exactly full is probed, and more follows until it ends",
      [page(["a", "b", "c"]), page(["d", "e", "f"]), page(["g"])],
      ["n=3", "n=3&last=c", "n=3&last=f"],
    ],
    [
      "that is exactly full is probed, and a link follows",
      [page(["a", "b", "c"]), page(["d"], '<?x=1>; rel="next"'), page(["e"])],
      ["n=3", "n=3&last=c", "x=1"],
    ],
    [
      "that was linked to and is exactly full is probed too",
      [page(["a", "b"], '<?x=1>; rel="next"'), page(["c", "d", "e"]), page([])],
      ["n=3", "x=1", "n=3&last=e"],
    ],
    [
      "counts what is no tag, and is probed behind the last text",
      [page(["a", "b/c", null]), page([])],
      ["n=3", "n=3&last=b%2Fc"],
    ],
  ] as [string, Reply[], string[]][])("case 57: %s", async (_, replies, expected) => {
    const registry = await scripted(...replies);
    const { names } = await listAll(readerOf(registry, { limits }));
    const listed = replies.flatMap(
      (reply) => (reply as { body: { tags: unknown[] | null } }).body.tags ?? [],
    );
    expect(names).toEqual(
      [...new Set(listed)].filter((tag) => typeof tag === "string" && !tag.includes("/")),
    );
    expect(queries(registry)).toEqual(expected);
  });

  it("case 57: of 10,000 tags whose last page is exactly full costs 11 requests", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(10_000) }, maxPage: 1000 });
    await listAll(readerOf(registry));
    expect(registry.requests).toHaveLength(11);
  });
});

describe("case 142: 10,000 tags in 3 pages", () => {
  const names = tags(10_000);
  const setup = { limits: { pageSize: 4000 } };

  it("cost 3 requests, and come in parts that do not keep others waiting", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": names }, maxPage: 4000 });
    const { names: listed, pages } = await listAll(readerOf(registry, setup));
    expect(listed).toEqual(names);
    expect(queries(registry)).toEqual(["n=4000", "last=t04000&n=4000", "last=t08000&n=4000"]);
    expect(pages).toEqual(Array(10).fill(1000));
  });

  it("keep one page in memory at most, however large, and nothing in the end", {
    timeout: 30_000,
  }, async () => {
    const size = 8 * 1024 * 1024;
    const padding = "x".repeat(size);
    const bodies = [names.slice(0, 4000), names.slice(4000, 8000), names.slice(8000)].map((tags) => {
      return Buffer.from(JSON.stringify({ padding, tags }));
    });
    const registry = await startRegistry();
    registry.rule({
      path: list,
      reply: ({ query }) => {
        const index = Number(/page=(\d)/.exec(query)?.[1] ?? 0);
        const headers = index < 2 ? { link: `<?page=${index + 1}>; rel="next"` } : {};
        return { status: 200, headers, body: bodies[index] ?? "" };
      },
    });
    const reader = readerOf(registry, setup);
    await listAll(reader);
    const rest = await memoryInUse();
    let most = 0;
    for await (const { tags } of reader.list(never)) {
      if (tags.length > 0) most = Math.max(most, (await memoryInUse()) - rest);
    }
    expect(most).toBeGreaterThan(size / 2);
    expect(most).toBeLessThan(2 * size);
    expect((await memoryInUse()) - rest).toBeLessThan(size / 2);
  });
});

/** Bytes that something holds on to. */
async function memoryInUse(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  // What is released by what was released is seen in the next round only.
  for (let round = 0; round < 3; round += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe("case 59: a page size that is refused", () => {
  it.each([
    ["by ECR", failure(405, "UNSUPPORTED", "Invalid parameter at 'maxResults'")],
    ["by Quay", failure(413, "TOO_MANY_TAGS_REQUESTED", "too many tags")],
    ["by distribution", failure(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested")],
  ])("%s is made smaller, and the host's is remembered", async (_, refusal) => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(5) } });
    registry.rule({ path: list, reply: ({ query }) => (query === "n=1000" ? refusal : undefined) });
    const reader = readerOf(registry);
    expect((await listAll(reader)).names).toEqual(tags(5));
    expect((await listAll(reader)).names).toEqual(tags(5));
    expect(queries(registry)).toEqual(["n=1000", "n=100", "n=100"]);
  });

  it("whatever it is is left out in the end", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": tags(5) } });
    const refusal = failure(400, "PAGINATION_NUMBER_INVALID", "invalid");
    registry.rule({ path: list, reply: ({ query }) => (query === "" ? undefined : refusal) });
    expect((await listAll(readerOf(registry))).names).toEqual(tags(5));
    expect(queries(registry)).toEqual(["n=1000", "n=100", ""]);
  });

  it("is another thing than a bad request", async () => {
    const registry = await scripted(failure(400, "NAME_INVALID", "invalid repository name"));
    expect(await failureOf(listAll(readerOf(registry)))).toMatchObject({ fault: "repository_not_found" });
    expect(registry.requests).toHaveLength(1);
  });
});
