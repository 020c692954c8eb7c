/**
 * What tools ask a gRPC server before they can do anything: reflection in both versions, and health.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection as ReflectionV1 } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ReflectionV1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { grpcurl, transport } from "./support/clients.ts";
import { Status } from "./support/health.ts";
import { inEveryWorld } from "./support/world.ts";

const services = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "imagesource.v1.ImageSourceService",
];

inEveryWorld((world) => {
  describe("grpcurl", () => {
    it("lists the services", async () => {
      expect((await grpcurl(world.place, ["list"])).trim().split("\n")).toEqual(services);
    });

    it("describes the service, and a message with what it imports", async () => {
      const service = await grpcurl(world.place, ["describe", ImageSourceService.typeName]);
      expect([...service.matchAll(/rpc (\w+)/g)].map(([, name]) => name).sort()).toEqual([
        "ImageForReference",
        "ImageForTagName",
        "ListSources",
        "MarkPrepulled",
        "MenuImages",
        "PrepulledImages",
        "UpdateImages",
      ]);
      const message = await grpcurl(world.place, ["describe", "imagesource.v1.Snapshot"]);
      expect(message).toContain(".google.protobuf.Timestamp update_time = 3;");
    });

    it.each(["", "imagesource.v1.ImageSourceService"])("reads the health of %j", async (service) => {
      const answer = await grpcurl(world.place, ["grpc.health.v1.Health/Check"], JSON.stringify({ service }));
      expect(JSON.parse(answer)).toEqual({ status: "SERVING" });
    });

    it("is told that a service is not known", async () => {
      const call = grpcurl(world.place, ["grpc.health.v1.Health/Check"], '{"service": "nobody"}');
      await expect(call).rejects.toMatchObject({ code: 64 + 5 });
    });
  });

  describe.each([
    ["v1", ReflectionV1],
    ["v1alpha", ReflectionV1Alpha],
  ])("reflection %s", (_, service) => {
    type Question = { case: "listServices" | "fileContainingSymbol" | "fileByFilename"; value: string };
    async function reflect(value: Question) {
      const client = createClient(service as typeof ReflectionV1, transport(world.place));
      async function* questions() {
        yield { messageRequest: value };
      }
      const answers = [];
      for await (const { messageResponse } of client.serverReflectionInfo(questions()))
        answers.push(messageResponse);
      expect(answers).toHaveLength(1);
      return answers[0];
    }

    it("lists the services", async () => {
      const answer = await reflect({ case: "listServices", value: "" });
      if (answer?.case !== "listServicesResponse") throw new Error(answer?.case);
      expect(answer.value.service.map(({ name }) => name).sort()).toEqual(services);
    });

    it.each<[Question["case"], string]>([
      ["fileContainingSymbol", "imagesource.v1.ImageSourceService.MenuImages"],
      ["fileByFilename", "imagesource/v1/image_source_service.proto"],
    ])("gives the files of the contract by %s", async (by, value) => {
      const answer = await reflect({ case: by, value });
      if (answer?.case !== "fileDescriptorResponse") throw new Error(answer?.case);
      const files = answer.value.fileDescriptorProto.map(
        (bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name,
      );
      expect(files).toContain("imagesource/v1/image_source_service.proto");
    });

    it("says so where there is no such symbol", async () => {
      const answer = await reflect({ case: "fileContainingSymbol", value: "imagesource.v1.Nobody" });
      expect(answer).toMatchObject({ case: "errorResponse", value: { errorCode: 5 } });
    });
  });

  it("a generated client watches the health, and is told when it ends", async () => {
    const { program } = world.service;
    const seen: Status[] = [];
    const enough = new AbortController();
    const watch = createClient(Health, transport(world.place)).watch({}, { signal: enough.signal });
    let ended: Promise<number | NodeJS.Signals> | undefined;
    const watching = async () => {
      for await (const { status } of watch) {
        seen.push(status);
        ended ??= program.end("SIGTERM");
        if (status === Status.NOT_SERVING) enough.abort();
      }
    };
    await watching().catch((error) => expect(enough.signal.aborted, String(error)).toBe(true));
    expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING]);
    expect(await ended).toBe(0);
  });
});
