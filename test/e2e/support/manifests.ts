/**
 * Manifests over HTTP, for what crane has no command for: many tags at once, and deleting.
 */
import { crane } from "./crane.ts";

const url = (host: string, repository: string, reference: string) =>
  `http://${host}/v2/${repository}/manifests/${reference}`;

/** Puts the manifest that one tag points to under many. */
export async function putTags(
  host: string,
  repository: string,
  from: string,
  tags: readonly string[],
): Promise<void> {
  const body = await crane("manifest", `${host}/${repository}:${from}`);
  const contentType = String(JSON.parse(body).mediaType);
  const left = [...tags];
  const worker = async () => {
    for (let tag = left.pop(); tag; tag = left.pop()) {
      await expectStatus(201, url(host, repository, tag), {
        method: "PUT",
        body,
        headers: { "content-type": contentType },
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** Deletes by tag, which v3 can, or by digest, which both can and which takes all tags of the digest. */
export async function remove(host: string, repository: string, reference: string): Promise<void> {
  await expectStatus(202, url(host, repository, reference), { method: "DELETE" });
}

async function expectStatus(status: number, address: string, init: RequestInit): Promise<void> {
  const response = await fetch(address, init);
  const text = await response.text();
  if (response.status !== status) throw new Error(`${init.method} ${address}: ${response.status} ${text}`);
}
