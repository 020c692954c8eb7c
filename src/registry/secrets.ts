/**
 * The secrets that a registry was sent: whatever it says is searched for them before it is told to anybody, since
 * some servers repeat in an error what they were sent.
 */

// Tokens are renewed for as long as the process lives; one that is this old is no secret any more.
const maxSecrets = 32;
// Shorter ones would make every text unreadable, and are none.
const minLength = 4;

export class Secrets {
  readonly #known = new Set<string>();

  add(secret: string): void {
    if (secret.length < minLength) return;
    this.#known.delete(secret);
    this.#known.add(secret);
    for (const oldest of this.#known) {
      if (this.#known.size <= maxSecrets) break;
      this.#known.delete(oldest);
    }
  }

  redact(text: string): string {
    let clean = text;
    for (const secret of this.#known) clean = clean.replaceAll(secret, "[secret]");
    return clean;
  }
}
