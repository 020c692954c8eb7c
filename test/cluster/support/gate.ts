/**
 * A way to the registry that can be shut for some requests, so that a pull is under way for as long as a test wants it
 * to be, or for ever; and that can ask for a login. Reached by the nodes and by the service alike.
 */
import { request as ask, type IncomingMessage, type ServerResponse } from "node:http";
import { encoded, type Login } from "../../e2e/support/docker-config.ts";
import { type LocalServer, startLocalServer } from "../../e2e/support/local-server.ts";

export interface Gate extends LocalServer {
  /**
   * Keeps requests waiting whose path contains the text: all from now on, or only the first. Their number is that of
   * those that wait, or have waited.
   */
  hold(text: string, which?: "all" | "first"): Hold;
}

export interface Hold {
  /** How many have come. */
  readonly count: number;
  /** Lets them go on, and keeps no others waiting. */
  release(): void;
}

export interface GateOptions {
  /** Whom it lets in; absent: everybody. */
  readonly login?: Login;
}

/** To a registry at `127.0.0.1:PORT`. */
export async function startGate(registry: string, { login }: GateOptions = {}): Promise<Gate> {
  const holds = new Set<(path: string) => Promise<void> | undefined>();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (login && request.headers.authorization !== `Basic ${encoded(login)}`) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="tests"' }).end();
      return;
    }
    for (const hold of holds) await hold(request.url ?? "");
    passOn(registry, request, response);
  }

  const server = await startLocalServer((request, response) => void handle(request, response));
  return {
    ...server,
    hold(text, which = "all") {
      const { promise, resolve } = Promise.withResolvers<void>();
      let count = 0;
      const hold = (path: string) => {
        if (!path.includes(text) || (which === "first" && count > 0)) return undefined;
        count += 1;
        return promise;
      };
      holds.add(hold);
      return {
        get count() {
          return count;
        },
        release() {
          holds.delete(hold);
          resolve();
        },
      };
    },
  };
}

function passOn(registry: string, request: IncomingMessage, response: ServerResponse): void {
  const { authorization: _, ...headers } = request.headers; // meant for the gate
  const { method, url } = request;
  const onward = ask(`http://${registry}${url}`, { method, headers }, (answer) => {
    answer.pipe(response.writeHead(answer.statusCode ?? 502, answer.headers));
  });
  onward.on("error", () => response.destroy());
  response.on("error", () => {}); // who asked has gone
  request.pipe(onward);
}
