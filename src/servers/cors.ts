/**
 * Which web pages may call, by the rules of browsers. Callers that are no browsers are not concerned.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { cors } from "@connectrpc/connect";

/** Sets what browsers ask for; answers and says true where that is all that was asked. */
export type CorsHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

const allowedMethods = cors.allowedMethods.join(", ");
const allowedHeaders = [...cors.allowedHeaders, "Authorization", "X-Request-Id"].join(", ");
const exposedHeaders = cors.exposedHeaders.join(", ");
/** Browsers ask again after two hours at the latest, whatever is said. */
const maxAgeSeconds = "7200";

export function corsHandler(allowedOrigins: readonly string[]): CorsHandler {
  const allowed = new Set(allowedOrigins);
  return (request, response) => {
    const { origin } = request.headers;
    if (allowed.size > 0) response.setHeader("vary", "Origin"); // caches have to tell pages apart
    const isAllowed = origin !== undefined && allowed.has(origin);
    if (isAllowed) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", exposedHeaders);
    }
    if (request.method !== "OPTIONS") return false;
    if (isAllowed) {
      response.setHeader("access-control-allow-methods", allowedMethods);
      response.setHeader("access-control-allow-headers", allowedHeaders);
      response.setHeader("access-control-max-age", maxAgeSeconds);
    }
    response.writeHead(204).end();
    return true;
  };
}
