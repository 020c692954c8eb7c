import { describe, expect, it } from "vitest";
import {
  isLabelValue,
  isQualifiedName,
  isResourceName,
  quantityOf,
} from "../../src/config/kubernetes-names.ts";

const long = "a".repeat(63);

describe("the key of a label", () => {
  it.each([
    "app",
    "A",
    "1",
    "a_b.c-d",
    long,
    "example.org/app",
    `${"a".repeat(63)}.b/${long}`,
    "constructor",
  ])("may be %s", (text) => {
    expect(isQualifiedName(text)).toBe(true);
  });

  it.each([
    "",
    "-a",
    "a-",
    "a b",
    "ü",
    "a\n",
    `${long}a`,
    "/a",
    "a/",
    "a/b/c",
    "A.org/a",
    "a_b/c",
    "__proto__",
  ])("is not %j", (text) => {
    expect(isQualifiedName(text)).toBe(false);
  });
});

describe("the value of a label", () => {
  it.each(["", "a", "A_b.c-1", long])("may be %j", (text) => {
    expect(isLabelValue(text)).toBe(true);
  });

  it.each(["-", "a b", "a/b", "a\n", `${long}a`])("is not %j", (text) => {
    expect(isLabelValue(text)).toBe(false);
  });
});

describe("a resource", () => {
  it.each(["cpu", "memory", "ephemeral-storage", "hugepages-2Mi", "nvidia.com/gpu"])("may be %s", (text) => {
    expect(isResourceName(text)).toBe(true);
  });

  it.each(["", "CPU", "gpu", "mem", "hugepages-", "a/b/c", "toString"])("is not %j", (text) => {
    expect(isResourceName(text)).toBe(false);
  });
});

describe("a quantity", () => {
  it.each([
    ["0", 0],
    ["1", 1],
    ["1.", 1],
    [".5", 0.5],
    ["100m", 0.1],
    ["1u", 1e-6],
    ["1n", 1e-9],
    ["1k", 1_000],
    ["1M", 1e6],
    ["2G", 2e9],
    ["1T", 1e12],
    ["1P", 1e15],
    ["1E", 1e18],
    ["1Ki", 1024],
    ["16Mi", 16_777_216],
    ["1Gi", 2 ** 30],
    ["1Ti", 2 ** 40],
    ["1Pi", 2 ** 50],
    ["1Ei", 2 ** 60],
    ["1e3", 1_000],
    ["12E-1", 1.2],
    ["1e+2", 100],
  ])("%s is %d", (text, value) => {
    expect(quantityOf(text)).toBeCloseTo(value, 9);
  });

  it.each([
    "",
    ".",
    "m",
    "-1",
    "+1",
    "1 m",
    "1mi",
    "1K",
    "1ki",
    "1MB",
    "1e",
    "1e3m",
    "0x1",
    "1,5",
    "Infinity",
    "1\n",
  ])("%j is none", (text) => {
    expect(quantityOf(text)).toBeUndefined();
  });
});
