/**
 * A registry for tests, on a real socket: the part of the distribution API that is read, with logins, pages and
 * faults as a test wants them. It does nothing by time or chance, and keeps every request it got.
 *
 * `rule` answers before the registry does, so that a test can say anything that a registry ever said.
 */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import type { TlsOptions } from "node:tls";

export interface FakeRegistryOptions {
  /** Tags by repository; each has a manifest of its own. */
  readonly repositories?: Record<string, readonly string[]>;
  readonly login?: "none" | "basic" | "token";
  readonly users?: Record<string, string>;
  /** Tags in a page at most, whatever is asked for; absent: none, and `n` is ignored. */
  readonly maxPage?: number;
  /** Writes the Link header; absent: as distribution does. */
  readonly link?: (path: string, query: string) => string | undefined;
  /** What the token endpoint answers. */
  readonly tokenAnswer?: (token: string) => object;
  readonly tls?: TlsOptions;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Ends when the connection is closed, or the answer is complete. */
  readonly ended: Promise<"answered" | "closed">;
}

export type Reply =
  | {
      readonly status: number;
      readonly headers?: Record<string, string | string[]>;
      readonly body?: string | Buffer | object;
    }
  /** No answer, ever. */
  | "hang"
  /** The connection is closed without an answer. */
  | "reset"
  /** Written by the test itself. */
  | { readonly raw: (response: ServerResponse) => void };

export interface Rule {
  readonly method?: string;
  /** The whole path, or a pattern. */
  readonly path?: string | RegExp;
  /** How often it holds; absent: always. */
  readonly times?: number;
  /** Undefined: the registry answers itself. */
  readonly reply: Reply | ((request: RecordedRequest) => Reply | undefined);
}

export interface FakeRegistry {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly origin: string;
  readonly requests: RecordedRequest[];
  /** How many connections there have been. */
  connections(): number;
  /** Requests of a method to a path. */
  received(method: string, path?: string | RegExp): RecordedRequest[];
  /** Waits until so many requests that match have come. */
  arrival(path: string | RegExp, count?: number): Promise<void>;
  /** Makes a tag, or moves it; returns its digest. */
  push(repository: string, tag: string, manifest?: string | Buffer, mediaType?: string): string;
  remove(repository: string, tag: string): void;
  /** Newer rules are tried first. */
  rule(rule: Rule): void;
  /** Makes every token given so far worthless. */
  revokeTokens(): void;
  close(): Promise<void>;
}

/** What a repository holds. A manifest stays when its tag has moved on, as everywhere. */
interface Contents {
  readonly tags: Map<string, Manifest>;
  readonly manifests: Map<string, Manifest>;
}

interface Manifest {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

export const indexType = "application/vnd.oci.image.index.v1+json";
export const manifestType = "application/vnd.oci.image.manifest.v1+json";

export function digestOf(bytes: string | Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export async function fakeRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const { login = "none", users = {}, maxPage, tls } = options;
  const repositories = new Map<string, Contents>();
  const requests: RecordedRequest[] = [];
  const rules: { rule: Rule; left: number }[] = [];
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const tokens = new Set<string>();
  let issued = 0;
  let connections = 0;

  const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
  server.on(tls === undefined ? "connection" : "secureConnection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const origin = `${tls === undefined ? "http" : "https"}://${host}`;

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const ended = new Promise<"answered" | "closed">((resolve) => {
      response.on("close", () => resolve(response.writableFinished ? "answered" : "closed"));
    });
    const body = await text(message).catch(() => undefined);
    if (body === undefined) return; // who asked has gone
    const [path = "", query = ""] = splitOnce(message.url ?? "", "?");
    const { method = "", headers } = message;
    const request: RecordedRequest = { method, path, query, headers, body, ended };
    requests.push(request);
    for (const wake of waiting) wake();
    send(message, response, fromRules(request) ?? answer(request));
  }

  function fromRules(request: RecordedRequest): Reply | undefined {
    for (const entry of rules) {
      const { method = request.method, path = request.path, reply } = entry.rule;
      if (entry.left === 0 || method !== request.method || !matches(path, request.path)) continue;
      const made = typeof reply === "function" ? reply(request) : reply;
      if (made === undefined) continue;
      entry.left -= 1;
      return made;
    }
    return undefined;
  }

  function answer(request: RecordedRequest): Reply {
    if (request.path === "/token") return tokenReply(request);
    const refused = refusal(request);
    if (refused !== undefined) return refused;
    if (request.path === "/v2/") return { status: 200, body: {} };
    const list = /^\/v2\/(.+)\/tags\/list$/.exec(request.path);
    if (list !== null && request.method === "GET") return tagsReply(list[1] ?? "", request);
    const manifest = /^\/v2\/(.+)\/manifests\/([^/]+)$/.exec(request.path);
    return manifest === null ? { status: 404 } : manifestReply(manifest[1] ?? "", manifest[2] ?? "", request);
  }

  function refusal({ headers, path }: RecordedRequest): Reply | undefined {
    const authorization = headers.authorization ?? "";
    if (login === "none") return undefined;
    if (login === "basic" && isUser(authorization)) return undefined;
    if (login === "token" && tokens.has(authorization.replace(/^Bearer /, ""))) return undefined;
    const scope = `repository:${/^\/v2\/(.+)\/(?:tags|manifests)\//.exec(path)?.[1] ?? "user/image"}:pull`;
    const challenge =
      login === "basic"
        ? 'Basic realm="test"'
        : `Bearer realm="${origin}/token",service="fake.example.org",scope="${scope}"`;
    return failure(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": challenge });
  }

  function isUser(authorization: string): boolean {
    const [user = "", password = ""] = splitOnce(
      Buffer.from(authorization.slice(6), "base64").toString(),
      ":",
    );
    return authorization.startsWith("Basic ") && Object.hasOwn(users, user) && users[user] === password;
  }

  function tokenReply({ headers }: RecordedRequest): Reply {
    if (headers.authorization !== undefined && !isUser(headers.authorization)) {
      return failure(401, "UNAUTHORIZED", "incorrect username or password");
    }
    issued += 1;
    const token = `token-${issued}`;
    tokens.add(token);
    return { status: 200, body: options.tokenAnswer?.(token) ?? { token, expires_in: 300 } };
  }

  function tagsReply(repository: string, { path, query }: RecordedRequest): Reply {
    const tags = repositories.get(repository)?.tags;
    if (tags === undefined) return failure(404, "NAME_UNKNOWN", "repository name not known to registry");
    const names = [...tags.keys()].sort();
    const parameters = new URLSearchParams(query);
    if (maxPage !== undefined && !/^\d+$/.test(parameters.get("n") ?? "0")) {
      return failure(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested");
    }
    const last = parameters.get("last");
    const rest = last === null || maxPage === undefined ? names : names.filter((name) => name > last);
    const size =
      maxPage === undefined ? names.length : Math.min(maxPage, Number(parameters.get("n") ?? maxPage));
    const page = rest.slice(0, size);
    const next = `last=${encodeURIComponent(page.at(-1) ?? "")}&n=${size}`;
    const link = options.link ?? ((to, text) => `<${to}?${text}>; rel="next"`);
    const header = size > 0 && page.length < rest.length ? link(path, next) : undefined;
    return {
      status: 200,
      headers: header === undefined ? {} : { link: header },
      body: { name: repository, tags: page },
    };
  }

  function manifestReply(repository: string, reference: string, { headers }: RecordedRequest): Reply {
    const contents = repositories.get(repository);
    if (contents === undefined) return failure(404, "NAME_UNKNOWN", "repository name not known to registry");
    const name = decodeURIComponent(reference);
    const manifest = contents.tags.get(name) ?? contents.manifests.get(name);
    // Who does not say what he takes takes everything.
    const accepted = headers.accept?.split(/\s*,\s*/) ?? ["*/*"];
    const isTaken = accepted.includes("*/*") || accepted.includes(manifest?.mediaType ?? "");
    if (manifest === undefined || !isTaken) {
      return failure(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }
    const { bytes, digest, mediaType } = manifest;
    return {
      status: 200,
      headers: { "content-type": mediaType, "docker-content-digest": digest },
      body: bytes,
    };
  }

  const registry: FakeRegistry = {
    host,
    origin,
    requests,
    connections: () => connections,
    received: (method, path) =>
      requests.filter(
        (request) => request.method === method && (path === undefined || matches(path, request.path)),
      ),
    arrival: (path, count = 1) =>
      new Promise((resolve) => {
        const look = () => {
          if (requests.filter((request) => matches(path, request.path)).length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    push(
      repository,
      tag,
      manifest = `{"schemaVersion":2,"annotations":{"tag":"${tag}"}}`,
      mediaType = manifestType,
    ) {
      const bytes = Buffer.from(manifest);
      const digest = digestOf(bytes);
      const contents = repositories.get(repository) ?? { tags: new Map(), manifests: new Map() };
      repositories.set(repository, contents);
      contents.tags.set(tag, { bytes, digest, mediaType });
      contents.manifests.set(digest, { bytes, digest, mediaType });
      return digest;
    },
    remove: (repository, tag) => void repositories.get(repository)?.tags.delete(tag),
    rule: (rule) => void rules.unshift({ rule, left: rule.times ?? Number.POSITIVE_INFINITY }),
    revokeTokens: () => tokens.clear(),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
  for (const [repository, tags] of Object.entries(options.repositories ?? {})) {
    repositories.set(repository, { tags: new Map(), manifests: new Map() });
    for (const tag of tags) registry.push(repository, tag);
  }
  return registry;
}

/** An error as the distribution specification writes it. */
export function failure(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string | string[]> = {},
): Reply {
  return { status, headers, body: { errors: [{ code, message, detail: null }] } };
}

function send({ method, socket }: IncomingMessage, response: ServerResponse, reply: Reply): void {
  if (reply === "hang") return;
  if (reply === "reset") {
    socket.destroy();
    return;
  }
  if ("raw" in reply) {
    reply.raw(response);
    return;
  }
  const { status, headers = {}, body = "" } = reply;
  const isText = typeof body === "string" || Buffer.isBuffer(body);
  const text = isText ? body : JSON.stringify(body);
  const type = isText ? {} : { "content-type": "application/json" };
  response.writeHead(status, { "content-length": Buffer.byteLength(text), ...type, ...headers });
  response.end(method === "HEAD" ? undefined : text);
}

function matches(pattern: string | RegExp, path: string): boolean {
  return typeof pattern === "string" ? pattern === path : pattern.test(path);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const index = text.indexOf(separator);
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}
