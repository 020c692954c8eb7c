/** Any `Link` header: a query string that can be sent, none, or malformed; never another host or path. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { nextQuery } from "../../src/registry/link.ts";
import { anyText, broken, forAny, mixed, parsed } from "./support.ts";

const targets = fc
  .tuple(
    fc.constantFrom(
      "",
      "/v2/lab/image/tags/list",
      "https://evil.example:1/x",
      "//evil.example/",
      "http://[fc00::1]/",
    ),
    fc.constantFrom(
      "?last=a&n=1",
      "?next_page=gAAA%2FB%3D+x",
      "?n=0&last='a'|b",
      "?",
      "",
      "?a#b",
      "?a b",
      "?é",
    ),
  )
  .map((parts) => parts.join(""));
const parameters = fc.constantFrom(
  ...[
    'rel="next"',
    "rel=next",
    'REL="NEXT prev"',
    'rel="prev"',
    'title="a, b; rel=\\"next\\""',
    "rel",
    "rel=",
    "a=b",
  ],
);
const link = fc
  .tuple(targets, fc.array(parameters, { maxLength: 3 }))
  .map(([target, list]) => [`<${target}>`, ...list].join("; "));
const header = fc.array(link, { minLength: 1, maxLength: 3 }).map((links) => links.join(", "));
const inputs = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: header },
    { weight: 4, arbitrary: broken(header) },
    {
      weight: 3,
      arbitrary: mixed("<", ">", "?last=a", "/v2/", ";", ",", " ", "rel", "=", '"next"', "next", "\\"),
    },
    { weight: 1, arbitrary: anyText },
  ),
  { minLength: 1, maxLength: 3 },
);

it("any header is read or malformed, and what is taken of it is a query string in visible ASCII", () => {
  forAny(inputs, (headers) => {
    const query = parsed("registry_corrupt", () => nextQuery(headers));
    if (query === undefined) return;
    expect(query).toMatch(/^[\x21-\x7e]+$/);
    expect(query).not.toContain("#");
    expect(headers.some((text) => text.includes(`?${query}`))).toBe(true);
  });
});

it("what says nothing of a next page is the end", () => {
  const others = fc.constantFrom('rel="prev"', "rel=first", 'title="next"', "a=b", 'rel="next-archive"');
  forAny(fc.tuple(targets, fc.array(others, { maxLength: 3 })), ([target, list]) => {
    expect(nextQuery([[`<${target}>`, ...list].join("; ")])).toBeUndefined();
  });
});
