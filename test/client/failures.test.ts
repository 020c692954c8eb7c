import { Code, ConnectError, type UnaryRequest } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { reasonOf, unavailableWay } from "../../src/client/failures.ts";
import { detail } from "../../src/status/error-details.ts";

function withReason(reason: string): ConnectError {
  const error = new ConnectError("no", Code.NotFound);
  error.details.push(detail(ErrorInfoSchema, { reason, domain: "imagesource.v1" }));
  return error;
}

describe("the reason of a failure", () => {
  it.each([
    ["that the service gave", withReason("UNKNOWN_SOURCE"), "UNKNOWN_SOURCE"],
    ["that came without one", new ConnectError("cannot connect", Code.Unavailable), ""],
    ["that is no failure of a call", new Error("bug"), ""],
    ["that is nothing", undefined, ""],
  ])("%s", (_, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});

describe("a failure of the way is UNAVAILABLE", () => {
  const through = (failure: unknown, signal = new AbortController().signal) =>
    unavailableWay(async () => {
      throw failure;
    })({ signal } as UnaryRequest).then(
      () => undefined,
      (error: ConnectError) => error,
    );
  const answer = { "grpc-status": "1" };

  it.each([Code.Canceled, Code.Aborted, Code.Internal, Code.Unknown])("code %i", async (code) => {
    const failure = new ConnectError("it broke", code, { "x-proxy": "p" });
    const error = await through(failure);
    expect(error).toMatchObject({ code: Code.Unavailable, rawMessage: "it broke", cause: failure });
    expect(error?.metadata.get("x-proxy")).toBe("p");
  });

  it("an error that is none of Connect's", async () => {
    expect(await through(new TypeError("it broke"))).toMatchObject({
      code: Code.Unavailable,
      rawMessage: "it broke",
    });
  });

  it.each([
    ["what the service answered", new ConnectError("no", Code.Internal, answer)],
    ["what a proxy answers about rights", new ConnectError("HTTP 401", Code.Unauthenticated)],
    ["what nobody serves", new ConnectError("HTTP 404", Code.Unimplemented)],
    ["an answer that is too large", new ConnectError("readMaxBytes", Code.ResourceExhausted)],
  ])("not %s", async (_, failure) => {
    expect(await through(failure)).toBe(failure);
  });

  it("not what we gave up ourselves", async () => {
    const failure = new ConnectError("it was cancelled", Code.Canceled);
    expect(await through(failure, AbortSignal.abort())).toBe(failure);
  });
});
