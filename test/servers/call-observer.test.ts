/** What is counted and logged of calls. */
import type { DescMethod } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import pino, { type Level } from "pino";
import { expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { ServerMetrics } from "../../src/observability/server-metrics.ts";
import { callObserver } from "../../src/servers/call-observer.ts";
import type { Outcome } from "../../src/servers/observer.ts";

const { menuImages, markPrepulled } = ImageSourceService.method;
const { check, watch } = Health.method;

function observed(level: Level = "debug") {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const metrics = new ServerMetrics(() => []);
  const observe = callObserver({ own: ImageSourceService, others: [Health] }, metrics, log);
  const call = (method: DescMethod, outcome: Outcome, id?: string, message?: string) =>
    observe(method, {
      get: (name) => (name === "x-request-id" ? (id === undefined ? [] : [id]) : ["s3cret"]),
    })(outcome, message);
  return { call, lines, metrics };
}

const levels: Record<number, string> = { 20: "debug", 30: "info" };

it.each<[string, DescMethod, Outcome, string]>([
  ["a read", menuImages, undefined, "debug"],
  ["a read that failed", menuImages, Code.NotFound, "info"],
  ["a read whose caller left", menuImages, Code.Canceled, "debug"],
  ["a write", markPrepulled, undefined, "info"],
  ["a probe", check, undefined, "debug"],
  ["a probe that failed", check, Code.NotFound, "info"],
  ["a watch that was left", watch, Code.Canceled, "debug"],
])("%s makes one line", (_, method, outcome, level) => {
  const { call, lines } = observed();
  call(method, outcome, "id-1");
  expect(lines).toEqual([expect.objectContaining({ requestId: "id-1", msg: "call" })]);
  expect(lines[0]).toMatchObject({
    method: `${method.parent.typeName}/${method.name}`,
    code: outcome === undefined ? "OK" : Code[outcome],
    ms: expect.any(Number),
  });
  expect(levels[lines[0]?.level as number]).toBe(level);
  expect(JSON.stringify(lines)).not.toContain("s3cret");
});

it("says what the caller of a failed call was told", () => {
  const { call, lines } = observed();
  call(menuImages, Code.NotFound, "id-1", "there is no source");
  call(menuImages, undefined, "id-2");
  expect(lines.map(({ error }) => error)).toEqual(["there is no source", undefined]);
});

it("reads that went well are no lines where the log is not that full", () => {
  const { call, lines } = observed("info");
  call(menuImages, undefined);
  expect(lines).toEqual([]);
});

it.each([
  ["none", undefined],
  ["an empty one", ""],
  ["a long one", "a".repeat(129)],
  ["one with spaces", "a b"],
  ["one that looks like a line", 'a"}\n{"level":"error"'],
])("a request id is made where there is %s", (_, told) => {
  const { call, lines } = observed();
  call(markPrepulled, undefined, told);
  expect(lines[0]?.requestId).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
});

it("calls are counted by method and code", async () => {
  const { call, metrics } = observed("info");
  call(menuImages, undefined);
  call(watch, Code.Canceled);
  const text = await metrics.text();
  const service = ImageSourceService.typeName;
  expect(text).toContain(
    `grpc_server_handled_total{grpc_type="unary",grpc_service="${service}",grpc_method="MenuImages",grpc_code="OK"} 1`,
  );
  expect(text).toContain(
    'grpc_server_handled_total{grpc_type="server_stream",grpc_service="grpc.health.v1.Health",grpc_method="Watch",grpc_code="Canceled"} 1',
  );
});
