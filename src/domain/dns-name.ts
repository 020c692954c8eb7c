/**
 * Names as DNS and Kubernetes allow them. What they name is not looked at.
 */

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const subdomain = /^[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*$/;

/** The name of a source: a DNS label of at most 63 characters. */
export function isDnsLabel(text: string): boolean {
  return label.test(text);
}

/** The name of a node: a DNS-1123 subdomain of at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && subdomain.test(text);
}
