/** Server reflection, v1 and v1alpha: what tools ask to learn the contract from the running server. */
import { createFileRegistry, fromBinary, type MessageInitShape } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, createClient, type Transport } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import {
  ServerReflection,
  type ServerReflectionRequestSchema,
  type ServerReflectionResponse,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as V1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { addReflection } from "../../src/servers/reflection.ts";
import { rules, serveGrpc } from "../support/grpc-servers.ts";
import { grpcTransport } from "../support/transports.ts";

type Request = MessageInitShape<typeof ServerReflectionRequestSchema>;

const versions = {
  v1: (transport: Transport) => createClient(ServerReflection, transport),
  v1alpha: (transport: Transport) =>
    createClient(V1Alpha, transport) as unknown as ReturnType<typeof versions.v1>,
};

const contract = "imagesource/v1/image_source_service.proto";

describe.each(Object.entries(versions))("%s", (_, clientOf) => {
  /** The answers to questions that are asked on one stream. */
  async function ask(...questions: Request["messageRequest"][]) {
    const address = await serveGrpc((server) => addReflection(server, [ImageSourceService, Health], rules));
    async function* requests() {
      for (const messageRequest of questions) yield { host: "here", messageRequest } as Request;
    }
    const answers: ServerReflectionResponse[] = [];
    const replies = clientOf(grpcTransport(address)).serverReflectionInfo(requests());
    for await (const answer of replies) answers.push(answer);
    return answers;
  }

  /** The files of each answer; an error is its code. */
  async function files(...questions: Request["messageRequest"][]) {
    return (await ask(...questions)).map(({ messageResponse: { case: kind, value } }) => {
      if (kind === "errorResponse") return value.errorCode;
      if (kind !== "fileDescriptorResponse") throw new Error(`an answer with ${kind}`);
      return value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    });
  }

  const namesOf = (answer: Awaited<ReturnType<typeof files>>[number] | undefined) =>
    Array.isArray(answer) ? answer.map(({ name }) => name) : answer;

  it("lists all services, itself among them", async () => {
    const [answer] = await ask({ case: "listServices", value: "*" });
    expect(answer).toMatchObject({
      validHost: "here",
      originalRequest: { host: "here", messageRequest: { case: "listServices", value: "*" } },
      messageResponse: {
        case: "listServicesResponse",
        value: {
          service: [
            { name: "grpc.health.v1.Health" },
            { name: "grpc.reflection.v1.ServerReflection" },
            { name: "grpc.reflection.v1alpha.ServerReflection" },
            { name: "imagesource.v1.ImageSourceService" },
          ],
        },
      },
    });
  });

  it("sends a file with all that it imports, from which a client can be made", async () => {
    const [answer] = await files({ case: "fileByFilename", value: contract });
    expect(namesOf(answer)?.toString().split(",").sort()).toEqual([
      "google/protobuf/timestamp.proto",
      "imagesource/v1/image.proto",
      contract,
    ]);
    const set = {
      $typeName: FileDescriptorSetSchema.typeName,
      file: Array.isArray(answer) ? answer.reverse() : [],
    };
    const service = createFileRegistry(set).getService("imagesource.v1.ImageSourceService");
    expect(service?.methods.map(({ name }) => name)).toEqual(
      ImageSourceService.methods.map(({ name }) => name),
    );
  });

  it("sends what a file imports once on a stream", async () => {
    const question = { case: "fileByFilename", value: contract } as const;
    const [first, second, third] = await files(question, question, {
      ...question,
      value: "imagesource/v1/image.proto",
    });
    expect(namesOf(first)).toHaveLength(3);
    expect(namesOf(second)).toEqual([contract]);
    expect(namesOf(third)).toEqual(["imagesource/v1/image.proto"]);
  });

  it.each([
    ["imagesource.v1.ImageSourceService", contract],
    ["imagesource.v1.ImageSourceService.MenuImages", contract],
    ["imagesource.v1.MenuImage", contract],
    ["imagesource.v1.Image.reference", "imagesource/v1/image.proto"],
    ["imagesource.v1.ImageType", "imagesource/v1/image.proto"],
    ["imagesource.v1.IMAGE_TYPE_WEEKLY", "imagesource/v1/image.proto"],
    ["grpc.health.v1.HealthCheckResponse.ServingStatus", "grpc/health/v1/health.proto"],
    ["grpc.reflection.v1.ServerReflectionRequest.message_request", "grpc/reflection/v1/reflection.proto"],
    ["google.protobuf.Timestamp", "google/protobuf/timestamp.proto"],
    ["google.rpc.ErrorInfo", "google/rpc/error_details.proto"],
    ["google.rpc.BadRequest.FieldViolation", "google/rpc/error_details.proto"],
    ["google.rpc.RetryInfo", "google/rpc/error_details.proto"],
  ])("finds %s", async (value, file) => {
    const [answer] = await files({ case: "fileContainingSymbol", value });
    expect(namesOf(answer)).toContain(file);
  });

  it("tells that a type has no extensions", async () => {
    const [answer] = await ask({ case: "allExtensionNumbersOfType", value: "imagesource.v1.Image" });
    expect(answer?.messageResponse).toMatchObject({
      case: "allExtensionNumbersResponse",
      value: { baseTypeName: "imagesource.v1.Image", extensionNumber: [] },
    });
  });

  it.each<[string, Request["messageRequest"], Code]>([
    ["an unknown file", { case: "fileByFilename", value: "nope.proto" }, Code.NotFound],
    ["an unknown symbol", { case: "fileContainingSymbol", value: "imagesource.v1.Nope" }, Code.NotFound],
    ["an empty symbol", { case: "fileContainingSymbol", value: "" }, Code.NotFound],
    ["an unknown type", { case: "allExtensionNumbersOfType", value: "nope" }, Code.NotFound],
    [
      "an extension",
      {
        case: "fileContainingExtension",
        value: { containingType: "imagesource.v1.Image", extensionNumber: 9 },
      },
      Code.NotFound,
    ],
    ["no question", { case: undefined }, Code.InvalidArgument],
  ])("answers %s by an error, and the next question all the same", async (_, question, code) => {
    const [error, next] = await files(question, {
      case: "fileContainingSymbol",
      value: "google.rpc.ErrorInfo",
    });
    expect(error).toBe(code);
    expect(namesOf(next)).toContain("google/rpc/error_details.proto");
  });
});
