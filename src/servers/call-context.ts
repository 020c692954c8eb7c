/**
 * The context of one call as Connect's handlers know it, over a call of grpc-js. Everything is made when it is first
 * asked for: most calls ask for nothing.
 */
import type { DescMethod } from "@bufbuild/protobuf";
import {
  Code,
  ConnectError,
  type ContextValues,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import type { Metadata } from "@grpc/grpc-js";
import { toHeaders } from "./metadata.ts";

/** What is needed of a call, of whatever kind. */
export interface GrpcCall {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Date | number;
  getHost(): string;
  getPath(): string;
  once(event: "cancelled", listener: () => void): unknown;
}

export class CallContext implements HandlerContext {
  readonly protocolName = "grpc";
  readonly requestMethod = "POST";
  readonly method: DescMethod;
  readonly #call: GrpcCall;
  #signal: AbortSignal | undefined;
  #requestHeader: Headers | undefined;
  #responseHeader: Headers | undefined;
  #responseTrailer: Headers | undefined;
  #values: ContextValues | undefined;

  constructor(method: DescMethod, call: GrpcCall) {
    this.method = method;
    this.#call = call;
  }

  get service() {
    return this.method.parent;
  }

  get url(): string {
    return `http://${this.#call.getHost()}${this.#call.getPath()}`;
  }

  /** Aborted when the caller has gone or its deadline has passed; grpc-js aborts it after every call. */
  get signal(): AbortSignal {
    this.#signal ??= this.#watch();
    return this.#signal;
  }

  get requestHeader(): Headers {
    this.#requestHeader ??= toHeaders(this.#call.metadata);
    return this.#requestHeader;
  }

  get responseHeader(): Headers {
    this.#responseHeader ??= new Headers();
    return this.#responseHeader;
  }

  get responseTrailer(): Headers {
    this.#responseTrailer ??= new Headers();
    return this.#responseTrailer;
  }

  get values(): ContextValues {
    this.#values ??= createContextValues();
    return this.#values;
  }

  timeoutMs(): number | undefined {
    const deadline = Number(this.#call.getDeadline());
    return Number.isFinite(deadline) ? deadline - Date.now() : undefined;
  }

  /** What the handler has set to be sent, if anything. */
  get sent(): { readonly header: Headers | undefined; readonly trailer: Headers | undefined } {
    return { header: this.#responseHeader, trailer: this.#responseTrailer };
  }

  #watch(): AbortSignal {
    const controller = new AbortController();
    const abort = () => {
      const late = (this.timeoutMs() ?? 1) <= 0;
      controller.abort(
        late
          ? new ConnectError("the deadline has passed", Code.DeadlineExceeded)
          : new ConnectError("the caller has gone", Code.Canceled),
      );
    };
    if (this.#call.cancelled) abort();
    else this.#call.once("cancelled", abort);
    return controller.signal;
  }
}
