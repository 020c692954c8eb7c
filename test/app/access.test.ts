/** What is said at the start about who can call and who can listen. */
import { describe, expect, it } from "vitest";
import { warnOfOpenness } from "../../src/app/access.ts";
import type { Logger } from "../../src/observability/logger.ts";
import { recordedLog } from "../registry/reader.ts";

const tls = { certificateFile: "c", keyFile: "k", clientCaFile: undefined };
const mutual = { ...tls, clientCaFile: "ca" };
const anyone = "anyone who reaches this address can call: grpc.tokensFile is missing";
const onTheWay = "answers can be read on the way: grpc.tls is missing";

function said(address: string, keys: { tls?: typeof tls | typeof mutual; tokensFile?: string }): string {
  const log = recordedLog();
  const port = { key: "grpc", address, tls: undefined, tokensFile: undefined, ...keys };
  warnOfOpenness(port, log as unknown as Logger);
  return log.text();
}

describe("beyond loopback", () => {
  it.each([
    ["nothing", {}, `warn ${anyone}; ${onTheWay}`],
    ["TLS alone", { tls }, `warn ${anyone}`],
    ["tokens alone", { tokensFile: "t" }, `warn tokens and ${onTheWay}`],
  ])("%s is a warning of what is missing", (_, keys, warning) => {
    for (const address of ["0.0.0.0:50051", "[::]:50051", "10.0.0.1:50051"])
      expect(said(address, keys)).toBe(`${warning} ${JSON.stringify({ address })}`);
  });

  it.each([
    ["TLS with clients' certificates", { tls: mutual }],
    ["TLS with tokens", { tls, tokensFile: "t" }],
    ["all of it", { tls: mutual, tokensFile: "t" }],
  ])("%s is none", (_, keys) => {
    expect(said("0.0.0.0:50051", keys)).toBe("");
  });
});

it.each(["127.0.0.1:50051", "[::1]:50051", "localhost:50051"])(
  "nothing is missing on loopback: %s",
  (address) => {
    expect(said(address, {})).toBe("");
  },
);
