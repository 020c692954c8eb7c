/**
 * Requests to an HTTP port as any program sends them, over a connection of their own.
 */
import { once } from "node:events";
import { type IncomingMessage, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { text } from "node:stream/consumers";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";

/** The path of an RPC. */
export const pathOf = (method: string) => `/${ImageSourceService.typeName}/${method}`;

export interface HttpCall {
  readonly method?: string;
  /** Undefined: JSON. A value in a list is sent as often as it stands there. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | Uint8Array;
  /** With TLS, trusting this authority. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface HttpAnswer {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** Fails where the connection does. */
export async function httpCall(
  address: string,
  path: string,
  { method = "POST", headers = {}, body = "{}", ...tls }: HttpCall = {},
): Promise<HttpAnswer> {
  const options = { method, headers: { "content-type": "application/json", ...headers }, agent: false };
  const request = tls.ca
    ? overHttps(`https://${address}${path}`, { ...options, ...tls } as object)
    : overHttp(`http://${address}${path}`, options as object);
  request.end(method === "GET" ? undefined : body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, text: await text(response) };
}

/** What a refusal by Connect says: its HTTP status, Connect's name of the code, and the service's reason. */
export function refusalOf({ status, text: body }: HttpAnswer): readonly [number | undefined, string, string] {
  const { code, details } = JSON.parse(body);
  return [status, code, details?.[0]?.debug?.reason];
}
