/**
 * Mounts the handlers on HTTP/1.1: Connect with JSON and protobuf, GET for what has no side effects, and gRPC-Web.
 *
 * Connect's router does the protocols. Its own adapter for Node is not used: it tears the connection down where a body
 * is not read to its end, so that a caller who sends too much would never be told.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { DescMethod, DescService } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ConnectRouter,
  type ConnectRouterOptions,
  type ContextValues,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
  type MethodImpl,
  type ServiceImpl,
} from "@connectrpc/connect";
import type { UniversalHandler } from "@connectrpc/connect/protocol";
import {
  compressionBrotli,
  compressionGzip,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import { discardBody, sendAnswer } from "./http-answer.ts";
import type { HttpGuard } from "./http-guard.ts";
import { bounded, limited } from "./http-limits.ts";
import { refusal } from "./http-refusal.ts";
import type { RequestRules } from "./request-rules.ts";

/** Answers, or says with false that the path is none of its own. */
export type RpcHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HttpRules extends RequestRules {
  /** Undefined: everybody may call. */
  readonly guard?: HttpGuard;
}

type Implementation = (request: unknown, context: HandlerContext) => unknown;

/** How one call ends, as far as it is known. */
interface Ending {
  isKnown: boolean;
  code: Code | undefined;
  message: string | undefined;
}
const endingKey = createContextKey<Ending | undefined>(undefined);

/** `mount` adds the services. `onBug` is told of what nobody foresaw. */
export function connectHandler(
  mount: (add: <S extends DescService>(service: S, impl: ServiceImpl<S>) => void) => void,
  rules: HttpRules,
  onBug: (error: unknown) => void,
): RpcHandler {
  const router = createConnectRouter();
  mount((service, impl) => addService(router, service, impl, rules));
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return (request, response) => {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const handler = handlers.get(path);
    if (!handler) return false;
    const ending: Ending = { isKnown: false, code: undefined, message: undefined };
    const ended = rules.observe?.(handler.method, {
      get: (name) => request.headersDistinct[name] ?? [],
    });
    if (ended) response.once("close", () => ended(codeOf(ending, response), ending.message));
    const refused = rules.guard?.(handler.method, request);
    if (refused) note(ending, refused);
    const answering = refused
      ? sendAnswer(request, response, refusal(refused, request))
      : answer(handler, ending, request, response);
    answering.catch((error) => {
      if (!response.headersSent) response.writeHead(500).end();
      else response.destroy();
      if (ConnectError.from(error).code !== Code.Aborted) onBug(error); // aborted: the caller has gone
    });
    return true;
  };

  async function answer(
    handler: UniversalHandler,
    ending: Ending,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const limit = rules.limitOf(handler.method);
    const values: ContextValues = createContextValues().set(endingKey, ending);
    const whole = universalRequestFromNodeRequest(request, response, undefined, values);
    const body = limited(request, limit, rules.tooLarge);
    const answered = await handler({ ...whole, body });
    await discardBody(request);
    await universalResponseToNodeResponse(answered, response);
  }
}

function addService<S extends DescService>(
  router: ConnectRouter,
  service: S,
  impl: ServiceImpl<S>,
  rules: RequestRules,
): void {
  for (const method of service.methods) {
    const implementation = (impl as Record<string, Implementation>)[method.localName];
    if (!implementation) throw new Error(`${service.typeName} has no handler for ${method.name}`);
    const limit = rules.limitOf(method);
    const tooLarge = () => rules.tooLarge(limit + 1, limit);
    const own = noting(method, implementation.bind(impl));
    const options: ConnectRouterOptions = {
      grpc: false, // here, as what is said to the whole router holds for no method with options
      acceptCompression: [compressionGzip, compressionBrotli].map((one) => bounded(one, limit, tooLarge)),
      // Streams, which may be open for days, end well when the server does.
      ...(method.methodKind !== "unary" && { shutdownSignal: rules.closing }),
    };
    router.rpc(method, own as MethodImpl<typeof method>, options);
  }
}

/** The handler, whose end is noted for who observes calls: the reply does not tell it, as its form depends on the protocol. */
function noting(method: DescMethod, handler: Implementation): Implementation {
  const end = ({ values }: HandlerContext, error?: unknown) => {
    const ending = values.get(endingKey);
    if (ending) note(ending, error === undefined ? undefined : ConnectError.from(error, Code.Internal));
  };
  if (method.methodKind === "unary")
    return async (request, context) => {
      try {
        const reply = await handler(request, context);
        end(context);
        return reply;
      } catch (error) {
        end(context, error);
        throw error;
      }
    };
  return async function* (request, context) {
    try {
      yield* handler(request, context) as AsyncIterable<unknown>;
      end(context);
    } catch (error) {
      end(context, error);
      throw error;
    }
  };
}

function note(ending: Ending, error: ConnectError | undefined): void {
  Object.assign(ending, { isKnown: true, code: error?.code, message: error?.rawMessage });
}

/** What a call is counted as; where no handler was reached, the status tells why. */
function codeOf({ isKnown, code }: Ending, response: ServerResponse): Code | undefined {
  if (!response.writableFinished && code === undefined) return Code.Canceled; // whatever a handler thinks
  if (isKnown) return code;
  switch (response.statusCode) {
    case 405:
    case 415:
    case 501:
      return Code.Unimplemented;
    case 429:
      return Code.ResourceExhausted;
    case 500:
      return Code.Internal;
    default:
      return Code.InvalidArgument;
  }
}
