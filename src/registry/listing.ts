/**
 * All tags of a repository, page by page.
 *
 * A listing is whole or it fails: a list that lacks its end looks like images that were deleted. So whatever does
 * not make sense in the middle of it is an error.
 */
import { setImmediate } from "node:timers/promises";
import { DomainError, isFault } from "../domain/errors.ts";
import type { Answer } from "./exchange.ts";
import { headerList } from "./headers.ts";
import type { HostState } from "./host-state.ts";
import type { Limits } from "./limits.ts";
import { nextQuery } from "./link.ts";
import { refusesPageSize } from "./page-size.ts";
import type { RegistryClient, RegistryRequest } from "./registry-client.ts";
import type { Secrets } from "./secrets.ts";
import { Dropped, readTagPage, type TagPage } from "./tag-page.ts";
import { RegistryWarnings } from "./warning-header.ts";
import type { WirePath } from "./wire-path.ts";

/** How much one listing may be. */
export interface ListingBudget {
  readonly pages: number;
  readonly tags: number;
  readonly bytes: number;
}

export interface ListingOptions {
  readonly client: RegistryClient;
  readonly host: HostState;
  readonly path: WirePath;
  readonly budget: ListingBudget;
  readonly limits: Limits;
  readonly secrets: Secrets;
}

/** A part of the listing: as many tags as can be read without others having to wait. */
export interface ListedPage {
  readonly tags: readonly { readonly name: string }[];
  readonly warnings?: readonly string[];
}

const maxTagsAtOnce = 1_000;

/** How a page was come to: that decides what it means when it brings nothing new. */
type Way = "first" | "link" | "probe";

export async function* listTags(options: ListingOptions, signal: AbortSignal): AsyncGenerator<ListedPage> {
  const { client, host, path, budget, limits, secrets } = options;
  const seen = new Set<string>();
  const asked = new Set<string>();
  const dropped = new Dropped();
  const warnings = new RegistryWarnings(secrets);
  let bytes = 0;
  let pages = 0;
  let way: Way = "first";
  let query = firstQuery(pageSize(host, limits));
  let repository = path.current;
  let refusal: Answer | undefined;

  for (;;) {
    if (pages === budget.pages) throw overBudget(repository, `${budget.pages} pages`);
    pages += 1;
    asked.add(query);
    const answer = await client
      .send(pageRequest(repository, query, limits, budget.bytes - bytes), signal)
      .catch((error) => {
        const spent = isFault(error, "registry_limit") && budget.bytes - bytes < limits.pageBytes;
        throw spent ? overBudget(repository, `${budget.bytes} bytes`) : error;
      });
    if (way === "first" && refusesPageSize(answer, pageSize(host, limits), host)) {
      query = firstQuery(pageSize(host, limits));
      continue;
    }
    const other = way === "first" && refusal === undefined ? path.instead(answer) : undefined;
    if (other !== undefined) {
      refusal = answer;
      repository = other;
      continue;
    }
    // What is told is what happened at the path that we believe in.
    if (answer.status !== 200) throw client.error(refusal ?? answer, "repository_not_found");
    path.current = repository;
    refusal = undefined;
    bytes += answer.body.length;
    warnings.add(answer.headers);

    const page = readTagPage(answer);
    const fresh = addNew(page.names, seen);
    if (seen.size > budget.tags) throw overBudget(repository, `${budget.tags} tags`);
    yield* chunks(dropped.filter(page, fresh));

    const next = nextQuery(headerList(answer.headers, "link"));
    if (fresh.length === 0 && way === "probe") break;
    if (fresh.length === 0 && isLoop(way, page, next)) throw looping(repository);
    if (next !== undefined) {
      if (asked.has(next)) throw looping(repository);
      way = "link";
      query = next;
      continue;
    }
    const probe = fresh.length === 0 ? undefined : probeQuery(page, pageSize(host, limits));
    if (probe === undefined) break;
    way = "probe";
    query = probe;
  }

  const said = [dropped.warning(), ...warnings.sentences()].filter((warning) => warning !== undefined);
  if (said.length > 0) yield { tags: [], warnings: said };
}

function pageSize(host: HostState, limits: Limits): number {
  return host.pageSize ?? limits.pageSize;
}

function pageRequest(repository: string, query: string, limits: Limits, bytesLeft: number): RegistryRequest {
  const path = `/v2/${repository}/tags/list`;
  return {
    method: "GET",
    path: query === "" ? path : `${path}?${query}`,
    accept: "application/json",
    maxBytes: Math.min(limits.pageBytes, bytesLeft),
    deadlineMs: limits.pageDeadlineMs,
    notFound: "repository_not_found",
  };
}

function firstQuery(size: number): string {
  return size === 0 ? "" : `n=${size}`;
}

/**
 * A page that is exactly full may be the last one, or its server may not send links: asking for what follows tells.
 * One with more than was asked for is everything there is.
 */
function probeQuery({ length, names }: TagPage, size: number): string | undefined {
  const last = names.at(-1);
  if (size === 0 || length !== size || last === undefined) return undefined;
  return `n=${size}&last=${encodeURIComponent(last)}`;
}

/** Whether a page without a new tag tells that we go in circles. A page without any, and without a link, is the end. */
function isLoop(way: Way, { names }: TagPage, next: string | undefined): boolean {
  return next !== undefined || (way === "link" && names.length > 0);
}

/** The names not seen before, which are then. */
function addNew(names: readonly string[], seen: Set<string>): string[] {
  return names.filter((name) => {
    const size = seen.size;
    return seen.add(name).size > size;
  });
}

async function* chunks(names: readonly string[]): AsyncGenerator<ListedPage> {
  for (let start = 0; start < names.length; start += maxTagsAtOnce) {
    // Whoever reads this works on each part without a pause; requests of others are served between them.
    if (start > 0) await setImmediate();
    yield { tags: names.slice(start, start + maxTagsAtOnce).map((name) => ({ name })) };
  }
}

function overBudget(repository: string, what: string): DomainError {
  return new DomainError(
    "registry_limit",
    `the list of ${repository} has more than ${what}, which is its budget`,
  );
}

function looping(repository: string): DomainError {
  return new DomainError(
    "registry_corrupt",
    `the registry repeats the pages of the list of ${repository} without end`,
  );
}
