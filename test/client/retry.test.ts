import { Code, ConnectError, type UnaryRequest, type UnaryResponse } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { retry } from "../../src/client/retry.ts";
import { detail } from "../../src/status/error-details.ts";
import { recordedLog } from "../registry/reader.ts";

const { listSources, markPrepulled, updateImages } = ImageSourceService.method;
const reply = { stream: false } as UnaryResponse;

const refused = () =>
  new ConnectError("Stream closed with error code NGHTTP2_REFUSED_STREAM", Code.Unavailable);
const lost = () => new ConnectError("Premature close", Code.Unavailable);
const notReady = () => {
  const error = new ConnectError("no listing yet", Code.Unavailable);
  error.details.push(detail(ErrorInfoSchema, { reason: "NOT_READY", domain: "imagesource.v1" }));
  return error;
};
const denied = () => new ConnectError("who are you?", Code.Unauthenticated);

type Method = (typeof ImageSourceService.method)[keyof typeof ImageSourceService.method];

/** Asks, and gets these failures one after the other before the answer. */
async function ask(method: Method, failures: readonly Error[], more: Partial<UnaryRequest> = {}) {
  const log = recordedLog();
  let calls = 0;
  const request = { stream: false, method, signal: new AbortController().signal, ...more } as UnaryRequest;
  const next = async () => {
    calls += 1;
    const failure = failures[calls - 1];
    if (failure) throw failure;
    return reply;
  };
  const end = await retry(log)(next)(request).then(
    (answer) => answer === reply && "answered",
    (error: unknown) => error,
  );
  return { end, calls, log: log.text() };
}

describe("it is asked again", () => {
  it.each([
    ["what reads and was refused by a server that goes", listSources, [refused()]],
    ["what writes and was refused: it was not begun", updateImages, [refused()]],
    ["what reads and was lost", listSources, [lost()]],
    ["what may be repeated and was lost", markPrepulled, [lost()]],
    ["three times", listSources, [lost(), refused(), lost()]],
  ])("%s", async (_, method, failures) => {
    const { end, calls, log } = await ask(method, failures);
    expect(end).toBe("answered");
    expect(calls).toBe(failures.length + 1);
    expect(log.split("\n")).toHaveLength(failures.length);
    expect(log).toContain("debug the service is asked again");
  });
});

describe("it is not asked again", () => {
  it.each([
    ["what writes and was lost: it may have been done", updateImages, lost()],
    ["what the service itself answered", listSources, notReady()],
    ["what another answer would not help", listSources, denied()],
    ["what is a bug", listSources, new Error("bug")],
  ])("%s", async (_, method, failure) => {
    const { end, calls, log } = await ask(method, [failure]);
    expect([end, calls, log]).toEqual([expect.objectContaining({ message: expect.any(String) }), 1, ""]);
  });

  it("a fifth time: the last failure is told", async () => {
    const failures = [lost(), lost(), lost(), refused(), lost()];
    const { end, calls } = await ask(listSources, failures);
    expect(end).toBe(failures[3]);
    expect(calls).toBe(4);
  });

  it("when nobody waits for the answer any more", async () => {
    const { calls } = await ask(listSources, [lost()], { signal: AbortSignal.abort() });
    expect(calls).toBe(1);
  });

  it("when it is given up in between", async () => {
    const controller = new AbortController();
    const asking = ask(listSources, [lost(), lost(), lost(), lost()], { signal: controller.signal });
    setTimeout(() => controller.abort(), 0); // the first wait is of 2 ms and more
    const { end, calls } = await asking;
    expect([end, calls]).toEqual([expect.objectContaining({ name: "AbortError" }), 1]);
  });
});
