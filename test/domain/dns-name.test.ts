import { describe, expect, it } from "vitest";
import { isDnsLabel, isDnsSubdomain } from "../../src/domain/dns-name.ts";

const wrong = ["", "-a", "a-", "A", "a_b", "a b", "a\n", "é", "a/b", "a:1", "\ud800"];

describe("isDnsLabel: the name of a source", () => {
  it.each(["a", "1", "ab", "lab", "my-lab-2", "a--b", "a".repeat(63)])("takes %s", (text) => {
    expect(isDnsLabel(text)).toBe(true);
  });

  it.each([...wrong, "a.b", ".", "a".repeat(64)])("refuses %j", (text) => {
    expect(isDnsLabel(text)).toBe(false);
  });
});

describe("isDnsSubdomain: the name of a node", () => {
  it.each(["a", "node-1", "node-1.example.org", "10.0.0.1", `${"a.".repeat(126)}a`])("takes %s", (text) => {
    expect(isDnsSubdomain(text)).toBe(true);
  });

  it.each([...wrong, "a..b", ".a", "a.", "a.-b", "a-.b", `${"a.".repeat(126)}ab`])("refuses %j", (text) => {
    expect(isDnsSubdomain(text)).toBe(false);
  });
});
