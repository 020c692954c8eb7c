/**
 * The reader of Google's Artifact Registry: one image's tags, with their digests, sizes and upload times, from the API
 * that lists a repository.
 */
import { setImmediate } from "node:timers/promises";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import {
  ArtifactRegistry,
  type ListDockerImagesResponse,
} from "../../gen/google/devtools/artifactregistry/v1/artifact_registry_pb.ts";
import { type BackOff, backOffMs } from "../async/back-off.ts";
import { type Clock, systemClock } from "../async/clock.ts";
import { Http2Connection } from "../async/http2-connection.ts";
import { DomainError } from "../domain/errors.ts";
import { type AccessTokens, accessTokens, noTokens, type TokensLog } from "./access-tokens.ts";
import { callFailure } from "./call-error.ts";
import { type GoogleTag, TagsOfImage } from "./docker-images.ts";
import { type GoogleImage, parentOf, referencePath } from "./image-path.ts";

export interface GoogleReaderOptions extends GoogleImage {
  /** Undefined: application default credentials, and none for an endpoint on loopback without TLS. */
  readonly credentialsFile: string | undefined;
  /** Another address of the API; undefined: Google's. */
  readonly endpoint: string | undefined;
}

export interface GoogleReaderLog extends TokensLog {
  debug(fields: object, message: string): void;
}

/** What differs in tests, and who is told of requests. */
export interface GoogleReaderSettings {
  /** `host` is that of the endpoint; `outcome` the code as gRPC writes it, `OK` for none. */
  readonly requestEnded?: (host: string, outcome: string) => void;
  readonly clock?: Clock;
  readonly tokens?: AccessTokens;
}

export interface GoogleReader {
  list(signal: AbortSignal): AsyncIterable<GooglePage>;
  close(): Promise<void>;
}

export interface GooglePage {
  readonly tags: readonly GoogleTag[];
  readonly warnings?: readonly string[];
}

const google = "https://artifactregistry.googleapis.com";
/** The most that the API answers with. */
const pageSize = 1_000;
/** Of one answer: a thousand images with the manifests of their platforms stay far below. */
const maxAnswerBytes = 64 * 1024 * 1024;
/** Of one page with its retries: listings of large repositories are slow. */
const pageDeadlineMs = 60_000;
const backOff: BackOff = { firstMs: 500, maxMs: 10_000 };
const maxRetries = 5;
/** A token of a page is refused after a while; whoever has begun anew twice will not get through a third time. */
const maxRestarts = 2;
const maxPages = 1_000;
const maxTags = 200_000;

/** Fails, naming the file, where the credentials file cannot be used. */
export function googleReader(
  options: GoogleReaderOptions,
  log: GoogleReaderLog,
  settings: GoogleReaderSettings = {},
): GoogleReader {
  const { endpoint = google, credentialsFile } = options;
  const { clock = systemClock } = settings;
  const asksForNone = endpoint.startsWith("http:") && credentialsFile === undefined;
  const tokens = settings.tokens ?? (asksForNone ? noTokens : accessTokens(credentialsFile, log));
  const parent = parentOf(options);
  const { registry, repository } = referencePath(options);
  const connection = new Http2Connection(endpoint);
  const transport = createGrpcTransport({
    baseUrl: endpoint,
    sessionManager: connection,
    readMaxBytes: maxAnswerBytes,
  });
  const client = createClient(ArtifactRegistry, transport);

  let token: string | undefined; // the last one sent

  async function* list(signal: AbortSignal): AsyncGenerator<GooglePage> {
    const found = await readAll(signal);
    const { tags } = found;
    for (let start = 0; start < tags.length; start += pageSize) {
      if (start > 0) await setImmediate(); // whoever reads this works on each part without a pause
      yield { tags: tags.slice(start, start + pageSize) };
    }
    yield { tags: [], warnings: found.warnings };
  }

  async function readAll(signal: AbortSignal): Promise<TagsOfImage> {
    for (let restarts = 0; ; restarts += 1) {
      const found = await readPages(restarts === maxRestarts, signal);
      if (found !== "refused") return found;
      log.debug({ parent, restart: restarts + 1 }, "a page token was refused: the listing begins anew");
    }
  }

  /** All pages, or that a page token was refused, so that the listing has to begin anew. */
  async function readPages(isLast: boolean, signal: AbortSignal): Promise<TagsOfImage | "refused"> {
    const found = new TagsOfImage(`${registry}/${repository}`);
    const asked = new Set<string>();
    let pageToken = "";
    do {
      if (asked.has(pageToken))
        throw new DomainError("registry_corrupt", `Artifact Registry, ${parent}: a page repeats`);
      if (asked.size === maxPages) throw overBudget(`${maxPages} pages`);
      asked.add(pageToken);
      const page = await readPage(pageToken, isLast, signal);
      if (page === "refused") return page;
      found.add(page.dockerImages);
      if (found.size > maxTags) throw overBudget(`${maxTags} tags`);
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    return found;
  }

  function overBudget(what: string): DomainError {
    return new DomainError("registry_limit", `Artifact Registry, ${parent}: there are more than ${what}`);
  }

  /** One page, asked for again with the same token while that makes sense. */
  async function readPage(
    pageToken: string,
    isLast: boolean,
    signal: AbortSignal,
  ): Promise<ListDockerImagesResponse | "refused"> {
    const deadlineAt = clock.now() + pageDeadlineMs;
    let hasRenewed = false;
    for (let failures = 1; ; failures += 1) {
      try {
        return await ask(pageToken, deadlineAt, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const { error, code, isPassing } = callFailure(thrown, parent, token);
        // Perhaps nobody is there any more, which a connection can take a quarter of an hour to notice.
        if (code === Code.DeadlineExceeded) connection.renew();
        if (code === Code.InvalidArgument && pageToken !== "" && !isLast) return "refused";
        if (code === Code.Unauthenticated && !hasRenewed) {
          hasRenewed = true;
          log.debug({ reason: error.message }, "Artifact Registry is asked again with a new token");
          tokens.renew();
          continue;
        }
        const wait = backOffMs(backOff, failures, clock.random());
        if (!isPassing || failures > maxRetries || clock.now() + wait >= deadlineAt) throw error;
        log.debug({ reason: error.message, retry: failures }, "Artifact Registry is asked again");
        await clock.sleep(wait, signal);
      }
    }
  }

  async function ask(
    pageToken: string,
    deadlineAt: number,
    signal: AbortSignal,
  ): Promise<ListDockerImagesResponse> {
    const headers = await tokens.headers(signal);
    token = headers.get("authorization")?.replace(/^\S+ /, "");
    headers.set("x-goog-request-params", `parent=${encodeURIComponent(parent)}`); // the API routes by it
    const timeoutMs = Math.max(1, deadlineAt - clock.now()); // the token took its time; 0 would be no limit at all
    const told = (outcome: string) => settings.requestEnded?.(new URL(endpoint).host, outcome);
    try {
      const page = await client.listDockerImages(
        { parent, pageSize, pageToken },
        { headers, signal, timeoutMs },
      );
      told("OK");
      return page;
    } catch (error) {
      if (!signal.aborted) told(Code[ConnectError.from(error).code]);
      throw error;
    }
  }

  async function close(): Promise<void> {
    tokens.close();
    connection.close();
  }

  return { list, close };
}
