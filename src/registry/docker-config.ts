/**
 * Credentials in the format of Docker's `config.json`, which Kubernetes' pull secrets have too.
 *
 * Programs that hold credentials (`credsStore`, `credHelpers`) are not run: an entry that relies on one counts as
 * none.
 */
import { createHash } from "node:crypto";
import { canonicalRegistry } from "../domain/host.ts";
import type { Repository } from "../domain/reference.ts";
import { property } from "./json.ts";

export type Credentials = {
  /** Tells credentials apart, and says nothing about them. */
  readonly id: string;
} & (
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  /** A refresh token, good for access tokens only. */
  | { readonly kind: "identity"; readonly token: string }
  /** To be sent as it is. */
  | { readonly kind: "bearer"; readonly token: string }
);

/** Credentials by host, or by host and the beginning of a path, in canonical spelling. */
export type DockerConfig = ReadonlyMap<string, Credentials>;

/** Reads the file's content. Fails with an error that repeats nothing of it. */
export function parseDockerConfig(content: string): DockerConfig {
  const auths = property(parse(content), "auths") ?? {};
  if (typeof auths !== "object" || auths === null || Array.isArray(auths))
    throw new Error("auths is no object");
  const config = new Map<string, Credentials>();
  // Spelled as it is asked for beats the legacy forms, which fold into the same key.
  const entries = Object.entries(auths).sort(
    ([a], [b]) => Number(a.includes("://")) - Number(b.includes("://")),
  );
  for (const [key, entry] of entries) {
    const found = credentials(key, entry);
    const canonical = canonicalKey(key);
    if (found !== undefined && !config.has(canonical)) config.set(canonical, found);
  }
  return config;
}

/** The entry of the repository, of the nearest path above it, or of its host. */
export function findCredentials(
  config: DockerConfig,
  { registry, repository }: Repository,
): Credentials | undefined {
  const parts = [registry, ...repository.split("/")];
  for (let length = parts.length; length > 0; length -= 1) {
    const found = config.get(parts.slice(0, length).join("/"));
    if (found !== undefined) return found;
  }
  return undefined;
}

function parse(content: string): object {
  try {
    const config: unknown = JSON.parse(content);
    if (typeof config === "object" && config !== null && !Array.isArray(config)) return config;
  } catch {
    // The parser's own text repeats the content.
  }
  throw new Error("it is no JSON object");
}

/** `https://index.docker.io/v1/` is `docker.io`; `host/path` keeps its path. */
function canonicalKey(key: string): string {
  const [host = "", ...path] = key
    .replace(/^https?:\/\//i, "")
    .replace(/\/+$/, "")
    .split("/");
  const legacy = path.length === 1 && (path[0] === "v1" || path[0] === "v2");
  return [canonicalRegistry(host), ...(legacy ? [] : path)].join("/");
}

function credentials(key: string, entry: unknown): Credentials | undefined {
  const field = (name: string) => {
    const value = property(entry, name);
    return typeof value === "string" ? value : "";
  };
  const identity = field("identitytoken");
  const bearer = field("registrytoken");
  if (identity !== "") return { kind: "identity", token: identity, id: identify("identity", identity) };
  if (bearer !== "") return { kind: "bearer", token: bearer, id: identify("bearer", bearer) };
  const [username, password] =
    field("auth") === "" ? [field("username"), field("password")] : decode(key, field("auth"));
  if (username === "" && password === "") return undefined;
  // How Docker writes a refresh token where it has but a user name and a password to write.
  if (username === "<token>")
    return { kind: "identity", token: password, id: identify("identity", password) };
  return { kind: "password", username, password, id: identify("password", username, password) };
}

function decode(key: string, auth: string): [string, string] {
  const text = /^[A-Za-z0-9+/]+={0,2}\s*$/.test(auth) ? Buffer.from(auth, "base64").toString("utf8") : "";
  const colon = text.indexOf(":");
  if (colon < 0) throw new Error(`auth of ${JSON.stringify(key)} is not the base64 form of user:password`);
  return [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, "")];
}

function identify(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
