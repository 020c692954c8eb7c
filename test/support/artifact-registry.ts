/**
 * Google's Artifact Registry for tests, on a real socket: the call that lists a repository, with pages and faults as
 * a test wants them. It does nothing by time or chance, and keeps every request it got. Google's own client reads it
 * too.
 */
import { once } from "node:events";
import { createServer, type ServerHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import {
  ArtifactRegistry,
  type DockerImage,
  DockerImageSchema,
  type ListDockerImagesRequest,
  ListDockerImagesResponseSchema,
} from "../../gen/google/devtools/artifactregistry/v1/artifact_registry_pb.ts";

export interface ListRequest {
  readonly parent: string;
  readonly pageSize: number;
  readonly pageToken: string;
  readonly headers: Headers;
  /** Aborted when the caller has gone. */
  readonly signal: AbortSignal;
}

type Answer = MessageInitShape<typeof ListDockerImagesResponseSchema>;

export type ListReply =
  | Answer
  /** What the call fails with. */
  | ConnectError
  /** No answer, until the caller goes. */
  | "hang"
  /** The connection is closed without an answer. */
  | "reset"
  /** The registry answers itself. */
  | "answer"
  /** An answer of something that speaks no gRPC, as load balancers give. */
  | { readonly httpStatus: number };

export interface FakeArtifactRegistry {
  /** `http://127.0.0.1:port`. */
  readonly endpoint: string;
  readonly port: number;
  /** All images of all repositories, in the order in which they are listed. */
  readonly images: FakeImage[];
  readonly requests: ListRequest[];
  /** Number of connections that are open. */
  connections(): number;
  /** The next requests are answered so, one after the other; what comes after them, by the registry itself. */
  reply(...replies: (ListReply | ((request: ListRequest) => ListReply))[]): void;
  /** Waits until so many requests have come. */
  arrival(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface FakeImage {
  readonly parent: string;
  readonly image: DockerImage;
}

export interface FakeArtifactRegistryOptions {
  /** Images in a page at most, whatever is asked for. */
  readonly maxPage?: number;
}

const defaultPage = 100;
/** Google's. */
const largestPage = 1_000;

export async function fakeArtifactRegistry(
  options: FakeArtifactRegistryOptions = {},
): Promise<FakeArtifactRegistry> {
  const { maxPage = largestPage } = options;
  const images: FakeImage[] = [];
  const requests: ListRequest[] = [];
  const replies: (ListReply | ((request: ListRequest) => ListReply))[] = [];
  const waiting = new Set<() => void>();
  const sessions = new Set<ServerHttp2Session>();

  const adapter = connectNodeAdapter({
    routes: (router) => router.service(ArtifactRegistry, { listDockerImages }),
  });
  const server = createServer((request, response) => {
    const next = replies[0];
    if (typeof next === "object" && "httpStatus" in next) {
      replies.shift();
      response.writeHead(next.httpStatus, { "content-type": "text/html" }).end("<h1>Error</h1>");
    } else {
      adapter(request, response);
    }
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  async function listDockerImages(message: ListDockerImagesRequest, context: HandlerContext) {
    const { parent, pageSize, pageToken } = message;
    const { requestHeader: headers, signal } = context;
    const request: ListRequest = { parent, pageSize, pageToken, headers, signal };
    requests.push(request);
    for (const wake of waiting) wake();
    const next = replies.shift() ?? "answer";
    const reply = typeof next === "function" ? next(request) : next;
    if (reply === "answer") return page(request);
    if (reply === "hang" || reply === "reset") {
      if (reply === "reset") for (const session of sessions) session.destroy();
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new ConnectError("the caller has gone", Code.Canceled);
    }
    if (reply instanceof Error) throw reply;
    if ("httpStatus" in reply) throw new Error("cannot be chosen by a function");
    return create(ListDockerImagesResponseSchema, reply);
  }

  function page({ parent, pageSize, pageToken }: ListRequest) {
    const all = images.filter((image) => image.parent === parent).map(({ image }) => image);
    const start = pageToken === "" ? 0 : startOf(pageToken);
    if (!(start >= 0)) throw new ConnectError("Invalid page token", Code.InvalidArgument);
    const end = start + Math.min(pageSize || defaultPage, maxPage, largestPage);
    return create(ListDockerImagesResponseSchema, {
      dockerImages: all.slice(start, end),
      nextPageToken: end < all.length ? tokenOf(end) : "",
    });
  }

  return {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    images,
    requests,
    connections: () => sessions.size,
    reply: (...more) => void replies.push(...more),
    arrival: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (requests.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async close() {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The token of the page that begins with this image: it says nothing to who does not know. */
export function tokenOf(start: number): string {
  return Buffer.from(`from ${start}`).toString("base64url");
}

function startOf(token: string): number {
  const [, start] = /^from (\d+)$/.exec(Buffer.from(token, "base64url").toString()) ?? [];
  return Number(start);
}

/** What stands in the API's place of an error. */
export function failure(code: Code, message = `it is ${Code[code]}`): ConnectError {
  return new ConnectError(message, code);
}

/** The repository of `imageOf`. */
export const parent = "projects/p/locations/us-central1/repositories/r";

export interface ImageParts {
  /** Its name in the repository. */
  readonly image?: string;
  readonly tags?: readonly string[];
  readonly size?: bigint;
  /** Milliseconds since the epoch. */
  readonly uploadTime?: number;
  readonly platforms?: readonly string[];
}

/** An image of `us-central1-docker.pkg.dev/p/r`; without an upload time, that is left out. */
export function imageOf(digest: string, parts: ImageParts = {}): FakeImage {
  const { image = "lab", tags = [], size = 0n, uploadTime, platforms = [] } = parts;
  return {
    parent,
    image: create(DockerImageSchema, {
      name: `${parent}/dockerImages/${encodeURIComponent(image)}@${digest}`,
      uri: `us-central1-docker.pkg.dev/p/r/${image}@${digest}`,
      tags: [...tags],
      imageSizeBytes: size,
      ...(uploadTime !== undefined && { uploadTime: timestampFromMs(uploadTime) }),
      imageManifests: platforms.map((platform) => ({ digest: platform })),
    }),
  };
}
