/**
 * The digest that a tag has now: by HEAD, which tells it without the manifest, and else by the manifest itself.
 */
import { createHash } from "node:crypto";
import { isDigest } from "../domain/digest.ts";
import { DomainError } from "../domain/errors.ts";
import { type Answer, describeExchange } from "./exchange.ts";
import { header } from "./headers.ts";
import type { Limits } from "./limits.ts";
import type { RegistryLog } from "./log.ts";
import { rateLimit } from "./rate-limit.ts";
import type { RegistryClient } from "./registry-client.ts";
import type { WirePath } from "./wire-path.ts";

export interface ManifestDigestOptions {
  readonly client: RegistryClient;
  /** `https://registry.example.org`. */
  readonly origin: string;
  readonly path: WirePath;
  readonly limits: Limits;
  readonly log: RegistryLog;
}

/**
 * Everything that can be run, an index first. A registry that is not told of OCI's types has no OCI image, or
 * another one that it converted. In one header: some servers read the first one only.
 */
const accept = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Fails with `unknown_image` where the registry has no such manifest. */
export async function manifestDigest(
  tag: string,
  { client, origin, path: wirePath, limits, log }: ManifestDigestOptions,
  signal: AbortSignal,
): Promise<string> {
  const path = `/v2/${wirePath.current}/manifests/${encodeURIComponent(tag)}`;
  const notFound = "unknown_image";
  const deadlineMs = limits.resolveDeadlineMs;
  const request = { path, accept, maxBytes: limits.manifestBytes, deadlineMs, notFound } as const;

  const head = await client.send({ ...request, method: "HEAD" }, signal);
  const told = toldDigest(head);
  if (head.status === 200 && told !== undefined) return told;
  if (head.status !== 200 && !mayKnowGet(head, origin)) throw client.error(head, notFound);
  if (isExhausted(head)) {
    const what = describeExchange(head.exchange);
    throw new DomainError(
      "registry_rate_limited",
      `${what} tells no digest, and no requests are left to read the manifest`,
    );
  }

  const got = await client.send({ ...request, method: "GET" }, signal);
  if (got.status !== 200) throw client.error(got, notFound);
  const claimed = toldDigest(got);
  const digest = digestOf(got.body, claimed);
  if (claimed !== undefined && claimed !== digest) {
    log.warn(
      { tag, claimed, digest },
      "the registry names another digest than its manifest has; the manifest's is used",
    );
  }
  return digest;
}

function toldDigest({ headers }: Answer): string | undefined {
  const digest = header(headers, "docker-content-digest");
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}

/** Servers without HEAD, and stores whose signed address of a redirect is for GET only. */
function mayKnowGet({ status, exchange }: Answer, origin: string): boolean {
  return [400, 405, 501].includes(status) || (status === 403 && exchange.origin !== origin);
}

/** Docker Hub counts reading a manifest against a limit; when that is reached nothing but HEAD is of use. */
function isExhausted({ headers }: Answer): boolean {
  return rateLimit(headers)?.remaining === 0;
}

/** Of the bytes as they came: nothing is decoded before. By the algorithm of the claim if it is right, else sha256. */
function digestOf(bytes: Buffer, claimed: string | undefined): string {
  const digest = (algorithm: string) => `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
  if (claimed?.startsWith("sha512:") && digest("sha512") === claimed) return claimed;
  return digest("sha256");
}
