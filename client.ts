/**
 * What the npm package exports, as `image-source/client`: the contract, and the details that its errors carry. For
 * programs that call the service; what the service is made of is not exported.
 */
export {
  type BadRequest,
  type BadRequest_FieldViolation,
  BadRequestSchema,
  type ErrorInfo,
  ErrorInfoSchema,
  type RetryInfo,
  RetryInfoSchema,
} from "./gen/google/rpc/error_details_pb.ts";
export * from "./gen/imagesource/v1/image_pb.ts";
export * from "./gen/imagesource/v1/image_source_service_pb.ts";
