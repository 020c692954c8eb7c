/**
 * What failed: told apart by who says it. The service answers with a reason of the contract; everything else comes from
 * the way to it, and means that it cannot be reached now.
 */
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";

/** The service's reason: `NOT_READY`, `UNKNOWN_SOURCE` …; empty where the service said nothing of that kind. */
export function reasonOf(error: unknown): string {
  return ConnectError.from(error).findDetails(ErrorInfoSchema)[0]?.reason ?? "";
}

/**
 * How Connect names a connection that broke, a handshake that failed, a proxy that answered in its own way. Cut off by
 * somebody on the way, a call even looks as if we had cancelled it.
 */
const ofTheWay: readonly Code[] = [Code.Canceled, Code.Aborted, Code.Internal, Code.Unknown];

/** Failures of the way become `UNAVAILABLE`, with the text they have. */
export const unavailableWay: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    const isAnswer = error.metadata.has("grpc-status");
    if (isAnswer || request.signal.aborted || !ofTheWay.includes(error.code)) throw error;
    throw new ConnectError(error.rawMessage, Code.Unavailable, error.metadata, undefined, thrown);
  }
};
