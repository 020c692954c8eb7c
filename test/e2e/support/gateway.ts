/**
 * A way to a registry that sees every request for tags, and can do something before it is passed on, or break off in
 * the middle of its answer. Where the registry does not answer, it hangs up.
 */
import { request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type LocalServer, startLocalServer } from "./local-server.ts";

/** One page of a list of tags. */
export interface Page {
  /** Query string of its request. */
  readonly query: string;
  /** Undefined where the registry did not answer. */
  readonly status: number | undefined;
  /** Whether the answer has a `Link`. */
  readonly link: boolean;
}

export interface Gateway extends LocalServer {
  /** The pages since the last call. */
  takePages(): Page[];
  /** What happens, once, when a page after the first one is asked for. */
  atNextPage(event: () => Promise<"pass on" | "break off">): void;
}

export async function startGateway(registry: string): Promise<Gateway> {
  let pages: Page[] = [];
  let event: (() => Promise<"pass on" | "break off">) | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://gateway");
    const isPage = pathname.endsWith("/tags/list");
    const query = decodeURIComponent(searchParams.toString());
    let breakOff = false;
    if (isPage && searchParams.has("last") && event) {
      const happen = event;
      event = undefined;
      breakOff = (await happen()) === "break off";
    }
    try {
      const { answer, body } = await passOn(request, registry);
      if (isPage) pages.push({ query, status: answer.statusCode, link: answer.headers.link !== undefined });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (!breakOff) response.end(body);
      else response.write(body.subarray(0, body.length / 2), () => response.destroy());
    } catch {
      if (isPage) pages.push({ query, status: undefined, link: false });
      response.destroy();
    }
  }

  const server = await startLocalServer((request, response) => void handle(request, response));
  return {
    ...server,
    takePages() {
      const taken = pages;
      pages = [];
      return taken;
    },
    atNextPage(next) {
      event = next;
    },
  };
}

/** The whole answer of the registry, on a connection of its own. */
function passOn(
  { method, url, headers }: IncomingMessage,
  registry: string,
): Promise<{ answer: IncomingMessage; body: Buffer }> {
  return new Promise((resolve, reject) => {
    ask(`http://${registry}${url}`, { method, headers, agent: false })
      .on("response", (answer) => buffer(answer).then((body) => resolve({ answer, body }), reject))
      .on("error", reject)
      .end();
  });
}
