/**
 * Names of registry hosts: when two of them mean the same registry, and which of them mean this machine.
 *
 * Pure text: nothing is looked up.
 */

// The grammar of distribution/reference: a DNS name, an IPv4 address, or an IPv6 address in brackets; and a port.
const label = "[a-zA-Z0-9]+(?:-+[a-zA-Z0-9]+)*";
const pattern = new RegExp(String.raw`^(?:${label}(?:\.${label})*|\[[a-fA-F0-9:]+\])(?::\d{1,5})?$`);

/** Whether a text is `host` or `host:port`; IPv6 addresses stand in brackets and have no zone. */
export function isHost(text: string): boolean {
  return pattern.test(text) && URL.canParse(`http://${text}/`);
}

/** Docker Hub answers to several names; clients write the first, the wire takes the last. */
const dockerHub = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/**
 * The one spelling of a registry's host, to compare by: lower case, without the default port of HTTPS, and
 * `docker.io` for every name of Docker Hub. A name that nobody would take for a host without its port keeps it.
 */
export function canonicalRegistry(host: string): string {
  const name = host.toLowerCase().replace(/:443$/, "");
  if (dockerHub.includes(name)) return "docker.io";
  return looksLikeHost(name) ? name : `${name}:443`;
}

/** Whether the first component of a path is a host: only where it cannot be a part of a repository's path. */
export function looksLikeHost(component: string): boolean {
  return component === "localhost" || /[.:A-Z]/.test(component);
}

const ipv4Loopback = /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;

/** Whether `host` or `host:port` can only be this machine: `localhost`, names below it, 127.0.0.0/8, `[::1]`. */
export function isLoopback(host: string): boolean {
  if (!isHost(host)) return false;
  // Parsing folds the other spellings of an address (`127.1`) as connecting would.
  const { hostname } = new URL(`http://${host}/`);
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    ipv4Loopback.test(hostname)
  );
}
