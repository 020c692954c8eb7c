/**
 * Asks callers of the gRPC port for a token, as soon as the headers are there: nothing that they send is kept before.
 */
import { constants } from "node:http2";
import { clearTimeout, setTimeout } from "node:timers";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  ServerListenerBuilder,
  type StatusObject,
} from "@grpc/grpc-js";
import { baseCallOf } from "./base-call.ts";
import { toStatus } from "./grpc-status.ts";
import type { Observer } from "./observer.ts";
import type { Tokens } from "./tokens.ts";

/** How long what a refused caller sends is waited for. */
const longestMs = 1_000;

export interface BearerRules {
  /** Their methods need no token. */
  readonly free: readonly DescService[];
  /** Need more than a token that may read. */
  readonly writes: readonly DescMethod[];
  /** Told of calls to these services that are refused: they get no further. */
  readonly observed?: { readonly services: readonly DescService[]; readonly observe: Observer };
}

export function bearer(
  tokens: Pick<Tokens, "check">,
  { free, writes, observed }: BearerRules,
): ServerInterceptor {
  const methods = observed?.services.flatMap((service) => service.methods) ?? [];
  const observedMethods = new Map(methods.map((method) => [pathOf(method), method]));
  const freePaths = new Set(free.flatMap(({ methods }) => methods.map(pathOf)));
  const writePaths = new Set(writes.map(pathOf));
  return ({ path, requestStream }, call) => {
    if (freePaths.has(path)) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [authorization, ...others] = metadata.get("authorization");
        // Two of them: none counts.
        const presented = others.length === 0 ? authorization?.toString() : "";
        const refusal = tokens.check(presented, writePaths.has(path));
        if (!refusal) {
          next(metadata);
          return;
        }
        const method = observedMethods.get(path);
        if (method) observed?.observe(method, metadata)(refusal.code, refusal.rawMessage);
        refuse(call, toStatus(refusal), requestStream);
      })
      .build();
    return new ServerInterceptingCall(
      call,
      new ResponderBuilder().withStart((next) => next(listener)).build(),
    );
  };
}

/**
 * Answers when all has come that the caller sends, and throws that away: grpc-js would collect it. An answer before
 * ends streams for the caller that are still open here, so that its next ones are too many. Who sends for long, or waits
 * for an answer before it ends, is not waited for.
 */
function refuse(call: ServerInterceptingCallInterface, status: StatusObject, isStream: boolean): void {
  const stream = baseCallOf(call)?.stream;
  const send = () => call.sendStatus(status);
  if (!stream || stream.readableEnded) {
    send();
    return;
  }
  stream.removeAllListeners("data");
  stream.resume();
  if (isStream) send();
  else stream.once("end", send);
  const late = setTimeout(() => {
    stream.off("end", send);
    if (!isStream) send();
    stream.close(constants.NGHTTP2_NO_ERROR);
  }, longestMs);
  stream.once("close", () => clearTimeout(late));
}

function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}
