/**
 * `grpc-status-details-bin`: an error's details as google.rpc.Status, for transports that do not write it themselves.
 */
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import type { ConnectError } from "@connectrpc/connect";
import { StatusSchema } from "../../gen/google/rpc/status_pb.ts";

/** A detail that is sent, as `ConnectError.details` holds it. */
export interface OutgoingDetail {
  readonly desc: DescMessage;
  readonly value: MessageInitShape<DescMessage>;
}

export function detail<Desc extends DescMessage>(desc: Desc, value: MessageInitShape<Desc>): OutgoingDetail {
  return { desc, value };
}

/**
 * The encoded status; undefined where the error has no details. `message` is the text that is sent beside it: clients
 * check that both are the same.
 */
export function encodeStatus({ code, details }: ConnectError, message: string): Uint8Array | undefined {
  const packed = details.flatMap((entry) =>
    "desc" in entry ? [anyPack(entry.desc, create(entry.desc, entry.value))] : [],
  );
  if (packed.length === 0) return undefined;
  return toBinary(StatusSchema, create(StatusSchema, { code, message, details: packed }));
}
