/**
 * Where a registry's token endpoint may be. A challenge can name any address; credentials go to the registry's own
 * host and port, to the hosts that belong to it by name, and to those that the operator has named, nowhere else.
 */
import { DomainError } from "../domain/errors.ts";

export interface RealmPolicy {
  /** `https://registry.example.org:5000`. */
  readonly origin: string;
  /** Hosts with their port, where it is not the default one. */
  readonly authHosts: readonly string[];
}

/** Registries whose token endpoint is on another host, known to belong to them. */
const builtIn: Record<string, string> = {
  "https://registry-1.docker.io": "https://auth.docker.io",
  "https://registry.gitlab.com": "https://gitlab.com",
};

/** The token endpoint that a challenge names. Fails where it may not get credentials. */
export function allowedRealm(realm: string, { origin, authHosts }: RealmPolicy): URL {
  if (!URL.canParse(realm, origin)) {
    throw new DomainError("registry_corrupt", `${hostOf(origin)} names a token endpoint that is no URL`);
  }
  const url = upgraded(new URL(realm, origin), origin);
  const refuse = (because: string) =>
    new DomainError("registry_denied", `${hostOf(origin)} names a token endpoint on ${url.host}, ${because}`);
  if (url.username !== "" || url.password !== "")
    throw refuse("with a user name in its URL, which is not followed");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && origin.startsWith("http:"))) {
    throw refuse("which is not https");
  }
  const trusted = url.origin === origin || url.origin === builtIn[origin] || isAuthHost(url, authHosts);
  if (!trusted) {
    throw refuse(
      "which may not get credentials; if it is the registry's own, name it in authHosts of the source",
    );
  }
  return url;
}

/** Whether a URL's host and port is one of those named. */
export function isAuthHost(url: URL, authHosts: readonly string[]): boolean {
  return authHosts.some((host) => {
    const named = `${url.protocol}//${host}`;
    return URL.canParse(named) && new URL(named).host === url.host;
  });
}

/** A registry that sits behind a TLS proxy and does not know it names its own host with `http:`. */
function upgraded(url: URL, origin: string): URL {
  const own = new URL(origin);
  const behindProxy = url.protocol === "http:" && own.protocol === "https:" && url.hostname === own.hostname;
  if (!behindProxy || (url.port !== "" && url.port !== own.port)) return url;
  const https = new URL(origin);
  https.pathname = url.pathname;
  https.search = url.search;
  https.username = url.username;
  https.password = url.password;
  return https;
}

function hostOf(origin: string): string {
  return new URL(origin).host;
}
