/**
 * Server reflection: tools learn the contract from the running server. v1 and v1alpha are the same on the wire.
 */
import { type DescFile, type DescService, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { type DescriptorProto, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type { Server } from "@grpc/grpc-js";
import { file_google_rpc_error_details } from "../../gen/google/rpc/error_details_pb.ts";
import {
  type ServerReflectionRequest,
  type ServerReflectionResponseSchema,
  ServerReflection as V1,
} from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as V1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { addService } from "./grpc-adapter.ts";
import type { RequestRules } from "./request-rules.ts";

/** Those that `addReflection` adds. */
export const reflectionServices: readonly DescService[] = [V1, V1Alpha];

type Question = ServerReflectionRequest["messageRequest"];
type Reply = NonNullable<MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"]>;

/** Tells of these services, of reflection itself, which tools look for, and of the details that errors carry. */
export function addReflection(server: Server, services: readonly DescService[], rules: RequestRules): void {
  const impl = reflection([...services, ...reflectionServices], [file_google_rpc_error_details]);
  addService(server, V1, impl, rules);
  addService(server, V1Alpha, impl as unknown as ServiceImpl<typeof V1Alpha>, rules);
}

function reflection(services: readonly DescService[], others: readonly DescFile[]): ServiceImpl<typeof V1> {
  const files = withImports([...services.map(({ file }) => file), ...others]);
  const byName = new Map(files.map((file) => [fileName(file), file]));
  const bySymbol = new Map(files.flatMap((file) => symbolsOf(file).map((symbol) => [symbol, file])));
  const names = services
    .map(({ typeName }) => ({ name: typeName }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

  function answer({ case: kind, value }: Question, sent: Set<string>): Reply {
    switch (kind) {
      case "listServices":
        return { case: "listServicesResponse", value: { service: names } };
      case "fileByFilename":
        return filesFrom(byName.get(value), sent) ?? notFound(`file ${value}`);
      case "fileContainingSymbol":
        return filesFrom(bySymbol.get(value), sent) ?? notFound(`symbol ${value}`);
      case "allExtensionNumbersOfType":
        if (!bySymbol.has(value)) return notFound(`type ${value}`);
        return {
          case: "allExtensionNumbersResponse",
          value: { baseTypeName: value, extensionNumber: [] },
        };
      case "fileContainingExtension": // the contract extends nothing
        return notFound(`extension ${value.extensionNumber} of ${value.containingType}`);
      default:
        return failure(Code.InvalidArgument, "no question");
    }
  }

  return {
    async *serverReflectionInfo(requests) {
      const sent = new Set<string>();
      for await (const request of requests) {
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request.messageRequest, sent),
        };
      }
    },
  };
}

/** The file and what it imports, without what was sent on this stream before. */
function filesFrom(file: DescFile | undefined, sent: Set<string>): Reply | undefined {
  if (!file) return undefined;
  const wanted = withImports([file]).filter((one) => one === file || !sent.has(fileName(one)));
  for (const one of wanted) sent.add(fileName(one));
  const fileDescriptorProto = wanted.map((one) => toBinary(FileDescriptorProtoSchema, one.proto));
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

/** Each file once, before those that it imports. */
function withImports(files: readonly DescFile[]): DescFile[] {
  const found = new Set<DescFile>();
  const visit = (file: DescFile) => {
    if (found.has(file)) return;
    found.add(file);
    file.dependencies.forEach(visit);
  };
  files.forEach(visit);
  return [...found];
}

/** As imports have it, with its suffix. */
function fileName(file: DescFile): string {
  return file.proto.name;
}

/** Full names of all that a file declares. */
function symbolsOf({ proto }: DescFile): string[] {
  const inScope = (scope: string, name: string) => (scope === "" ? name : `${scope}.${name}`);
  const ofMessage = (scope: string, message: DescriptorProto): string[] => {
    const self = inScope(scope, message.name);
    return [
      self,
      ...[...message.field, ...message.oneofDecl].map(({ name }) => inScope(self, name)),
      ...message.enumType.map(({ name }) => inScope(self, name)),
      ...message.nestedType.flatMap((nested) => ofMessage(self, nested)),
    ];
  };
  return [
    ...proto.messageType.flatMap((message) => ofMessage(proto.package, message)),
    ...proto.enumType.map(({ name }) => inScope(proto.package, name)),
    ...proto.enumType.flatMap(({ value }) => value.map(({ name }) => inScope(proto.package, name))),
    ...proto.service.flatMap(({ name, method }) => {
      const self = inScope(proto.package, name);
      return [self, ...method.map((one) => inScope(self, one.name))];
    }),
  ];
}

function notFound(what: string): Reply {
  return failure(Code.NotFound, `${what} is not known`);
}

function failure(errorCode: Code, errorMessage: string): Reply {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
