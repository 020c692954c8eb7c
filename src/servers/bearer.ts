/**
 * Asks callers of the gRPC port for a token, as soon as the headers are there: nothing that they send is read before.
 */

import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  ResponderBuilder,
  ServerInterceptingCall,
  type ServerInterceptor,
  ServerListenerBuilder,
} from "@grpc/grpc-js";
import { toStatus } from "./grpc-status.ts";
import type { Tokens } from "./tokens.ts";

export interface BearerRules {
  /** Their methods need no token. */
  readonly free: readonly DescService[];
  /** Need more than a token that may read. */
  readonly writes: readonly DescMethod[];
}

export function bearer(tokens: Pick<Tokens, "check">, { free, writes }: BearerRules): ServerInterceptor {
  const freePaths = new Set(free.flatMap(({ methods }) => methods.map(pathOf)));
  const writePaths = new Set(writes.map(pathOf));
  return ({ path }, call) => {
    if (freePaths.has(path)) return new ServerInterceptingCall(call);
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const [authorization, ...others] = metadata.get("authorization");
        // Two of them: none counts.
        const presented = others.length === 0 ? authorization?.toString() : "";
        const refusal = tokens.check(presented, writePaths.has(path));
        if (refusal) call.sendStatus(toStatus(refusal));
        else next(metadata);
      })
      .build();
    return new ServerInterceptingCall(
      call,
      new ResponderBuilder().withStart((next) => next(listener)).build(),
    );
  };
}

function pathOf({ parent, name }: DescMethod): string {
  return `/${parent.typeName}/${name}`;
}
