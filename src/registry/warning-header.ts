/**
 * What a registry wants its users to read: the `Warning` headers of the distribution specification, each said once.
 * They are passed on and never acted on.
 */
import { type Headers, headerList } from "./headers.ts";
import type { Secrets } from "./secrets.ts";

const maxBytes = 4_096;
const pattern = /299 \S+ "((?:[^"\\]|\\.)*)"/g;

export class RegistryWarnings {
  readonly #texts = new Set<string>();
  readonly #secrets: Secrets;
  #bytes = 0;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  add(headers: Headers): void {
    for (const value of headerList(headers, "warning")) {
      for (const [, quoted = ""] of value.matchAll(pattern)) {
        const text = quoted.replaceAll(/\\(.)/g, "$1").replaceAll(/[\s\p{C}]+/gu, " ");
        const bytes = Buffer.byteLength(text);
        if (this.#texts.has(text) || this.#bytes + bytes > maxBytes) continue;
        this.#bytes += bytes;
        this.#texts.add(text);
      }
    }
  }

  sentences(): string[] {
    return [...this.#texts].map((text) => `the registry says: ${this.#secrets.redact(text)}`);
  }
}
