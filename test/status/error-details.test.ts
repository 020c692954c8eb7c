/** `google.rpc.Status` as it is sent beside a status. */
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { expect, it } from "vitest";
import { ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";
import { detail, encodeStatus } from "../../src/status/error-details.ts";

it("has the code, the message that is sent, and all details in order", () => {
  const error = new ConnectError("unused", Code.ResourceExhausted);
  error.details.push(detail(ErrorInfoSchema, { reason: "R", domain: "d", metadata: { key: "value" } }));
  error.details.push(detail(RetryInfoSchema, { retryDelay: { seconds: 61n, nanos: 5 } }));
  const { code, message, details } = fromBinary(
    StatusSchema,
    encodeStatus(error, "sent €") ?? new Uint8Array(),
  );
  expect([code, message]).toEqual([8, "sent €"]);
  expect(details.map(({ typeUrl }) => typeUrl)).toEqual([
    "type.googleapis.com/google.rpc.ErrorInfo",
    "type.googleapis.com/google.rpc.RetryInfo",
  ]);
  const [info, retry] = details;
  expect(info && anyUnpack(info, ErrorInfoSchema)).toMatchObject({
    reason: "R",
    domain: "d",
    metadata: { key: "value" },
  });
  expect(retry && anyUnpack(retry, RetryInfoSchema)).toMatchObject({
    retryDelay: { seconds: 61n, nanos: 5 },
  });
});

it("is not there where an error has no details", () => {
  expect(encodeStatus(new ConnectError("plain", Code.NotFound), "plain")).toBeUndefined();
});
