/**
 * The kinds of value of a configuration: what each takes, what it makes of it, and what it says else.
 */
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import * as value from "../../src/config/values.ts";

const hex = "0123456789abcdef";
const sha256 = `sha256:${hex.repeat(4)}`;
const noon = Date.parse("2024-01-01T12:00:00Z");
const newYear = Date.parse("2024-01-01T00:00:00Z");

type Schema = v.GenericSchema<unknown, unknown>;

function kind(
  schema: Schema,
  good: readonly (readonly [unknown, unknown?])[],
  bad: readonly unknown[],
  expected: string,
) {
  it.each(good.map(([written, read = written]) => ({ written, read })))(
    "takes $written",
    ({ written, read }) => {
      expect(v.parse(schema, written)).toEqual(read);
    },
  );

  it.each([...bad, null, undefined, {}, []].map((one) => [one]))(
    "refuses %j, and says what it expects",
    (written) => {
      const { success, issues = [] } = v.safeParse(schema, written);
      expect(success).toBe(false);
      expect(issues).toHaveLength(1);
      expect(issues[0]?.message.startsWith(`has to be ${expected}`)).toBe(true);
      expect(issues[0]?.message).toMatch(/, but is .+$/);
    },
  );
}

describe("a whole number", () =>
  kind(
    value.integer(1, 100),
    [[1], [100], [4.0, 4]],
    [0, 101, 1.5, "4", true, Number.NaN, Infinity],
    "a whole number from 1 to 100",
  ));

describe("a time to wait", () =>
  kind(
    value.timer(),
    [
      ["0", 0],
      [0, 0],
      ["5m", 300_000],
      ["24d", 24 * 86_400_000],
      ["3w", 21 * 86_400_000],
    ],
    ["25d", "4w", 5, "5", "1ms", "999999999999w"], // timers of the runtime end at 2^31 ms
    "a duration like 90s or 5m, at most 24d",
  ));

describe("a time to wait that is not 0", () =>
  kind(
    value.timer(1),
    [["1s", 1000]],
    [0, "0", "0s", "25d"],
    "a duration like 90s or 5m, above 0 and at most 24d",
  ));

describe("a duration", () =>
  kind(
    value.duration,
    [
      ["104w", 62_899_200_000],
      ["0", 0],
    ],
    ["2y", 3],
    "a duration like 90s, 5m or 104w",
  ));

describe("a size", () =>
  kind(value.size, [["64KiB", 65_536]], ["64KB", 64, "0B"], "a size like 64KiB or 256MiB, above 0"));

describe("a boolean", () => kind(value.boolean, [[true], [false]], ["true", "yes", 0, 1], "true or false"));

describe("a path", () =>
  kind(value.file, [["ca.pem"], ["/etc/ca.pem"], ["../a b"]], ["", 3], "the path of a file"));

describe("a tag", () =>
  kind(
    value.tag,
    [["w_2077_43"], ["d_2077_10_23_c0045.003"], ["_"], ["a".repeat(128)]],
    ["", "a b", "-a", ".a", "a:b", "a/b", "ü", "a".repeat(129), 25, "a\n"],
    "a tag: letters, digits, _ . and -, at most 128",
  ));

describe("a digest", () =>
  kind(
    value.digest,
    [[sha256], [`sha512:${hex.repeat(8)}`]],
    [
      "",
      "sha256:",
      sha256.toUpperCase(),
      `${sha256}0`,
      sha256.slice(0, -1),
      `md5:${hex.repeat(2)}`,
      hex.repeat(4),
    ],
    "a digest: sha256: and 64 lower-case hex digits, or sha512: and 128",
  ));

describe("a host", () =>
  kind(
    value.host,
    [["docker.io"], ["localhost:5000"], ["[::1]:5000"], ["10.0.0.1"], ["R.Example.org"]],
    [
      "",
      "https://r.example.org",
      "r.example.org/lab",
      "user:secret@r.example.org",
      "a b",
      "r:99999",
      "r:",
      "-r",
      5000,
    ],
    "a host, or host:port",
  ));

describe("a repository", () =>
  kind(
    value.repository,
    [["lab"], ["sciplat/lab"], ["a__b/c-d.e"]],
    ["", "Lab", "/lab", "lab/", "a//b", "lab:w_1", `lab@${sha256}`, "a".repeat(256)],
    "the path of a repository in lower case",
  ));

describe("the name of a source", () =>
  kind(
    value.label,
    [["lab"], ["lab-2"], ["2"], ["a".repeat(63)]],
    ["", "Lab", "a_b", "a.b", "-a", "a-", "a".repeat(64), 2],
    "a DNS label: lower-case letters, digits and -, at most 63",
  ));

describe("the name of a node", () =>
  kind(
    value.nodeName,
    [["node-1.example.org"], ["n"], [`${"a".repeat(63)}.`.repeat(3) + "a".repeat(61)]],
    ["", "Node", "a_b", "a..b", "a.", `${"a".repeat(63)}.`.repeat(3) + "a".repeat(62)],
    "a DNS-1123 subdomain of at most 253 characters",
  ));

describe("an address", () =>
  kind(
    value.address,
    [["127.0.0.1:50051"], ["0.0.0.0:0"], ["[::]:65535"], ["localhost:80"]],
    ["", "localhost", "localhost:", ":80", "localhost:65536", "http://localhost:80", "::1:80", 80],
    "an address to listen on, host:port",
  ));

describe("a version", () =>
  kind(
    value.version,
    [
      ["25.0.0", { major: 25, minor: 0, patch: 0, prerelease: undefined }],
      ["25.0.0-rc2", { major: 25, minor: 0, patch: 0, prerelease: 2 }],
    ],
    ["", "25", "25.0", 25, 25.1, "v25.0.0", "25.0.0-beta", "r25_0_0"],
    "a version like 25.0.0 or 25.0.0-rc2",
  ));

describe("a date", () =>
  kind(
    value.date,
    [
      ["2024-01-01", newYear],
      ["2024-02-29", Date.parse("2024-02-29T00:00:00Z")],
      ["2024-01-01T12:00:00Z", noon],
      ["2024-01-01t12:00:00z", noon],
      ["2024-01-01T14:00:00+02:00", noon],
      ["2024-01-01T12:00:00.25Z", noon + 250],
    ],
    [
      "",
      "2023-02-29",
      "2024-02-31",
      "2024-13-01",
      "2024-1-1",
      "2024-01-01T12:00:00",
      "2024-01-01 12:00",
      2024,
      newYear,
    ],
    "a day like 2024-01-01, or an RFC 3339 time",
  ));

describe("one of several words", () =>
  kind(
    value.oneOf("https", "http"),
    [["https"], ["http"]],
    ["", "HTTP", "htt", "ftp", true],
    "https or http",
  ));

it("a value that is long is not said whole", () => {
  const [issue] = v.safeParse(value.tag, "x ".repeat(100_000)).issues ?? [];
  expect(issue?.message).toContain(', but is "x x x');
  expect(issue?.message.length).toBeLessThan(300);
});
