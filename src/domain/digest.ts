/**
 * Digests: immutable names of manifests. Their grammar only; nothing is computed here.
 */

/** The digest algorithms that are registered by the OCI image specification, in lower-case hex. */
const pattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Whether a text is a digest: `sha256:` and 64 hex digits, or `sha512:` and 128. */
export function isDigest(text: string): boolean {
  return pattern.test(text);
}
