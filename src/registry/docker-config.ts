/**
 * Credentials in the format of Docker's `config.json`, which Kubernetes' pull secrets have too.
 *
 * Programs that hold credentials (`credsStore`, `credHelpers`) are not run; which registries rely on them is told, so
 * that nobody wonders where a login is.
 */
import { createHash } from "node:crypto";
import { canonicalRegistry, isHost } from "../domain/host.ts";
import { isRepositoryPath, type Repository } from "../domain/reference.ts";
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

/** Keys are a host, or a host and the beginning of a path, in canonical spelling. */
export interface DockerConfig {
  readonly logins: ReadonlyMap<string, Credentials>;
  /** What is left to a program, and by which key of the file. */
  readonly programs: ReadonlyMap<string, "credHelpers" | "credsStore">;
  /** Whether there is a program for every registry that the file does not name, too. */
  readonly hasStore: boolean;
}

/** A file that cannot be used. Says why, and repeats of its content no more than the names of registries. */
export class DockerConfigError extends Error {
  override readonly name = "DockerConfigError";
}

/** Reads the file's content. Fails with a `DockerConfigError`. */
export function parseDockerConfig(content: string): DockerConfig {
  const config = parse(content);
  const auths = entries(config, "auths");
  const helpers = entries(config, "credHelpers");
  const store = text(property(config, "credsStore"), "credsStore");
  if (auths.length === 0 && isOldFormat(config)) {
    throw new DockerConfigError("it has the format of .dockercfg; its entries have to be in an object auths");
  }
  const logins = new Map<string, Credentials>();
  const programs = new Map<string, "credHelpers" | "credsStore">();
  for (const [key, program] of helpers) {
    if (text(program, `credHelpers of ${named(key)}`) !== "") programs.set(canonicalKey(key), "credHelpers");
  }
  for (const [key, entry] of auths) {
    const canonical = canonicalKey(key);
    const found = credentials(key, entry);
    if (found !== undefined && !logins.has(canonical)) logins.set(canonical, found);
    // An entry without a login is how Docker notes that there is one in the store.
    if (found === undefined && store !== "" && !programs.has(canonical))
      programs.set(canonical, "credsStore");
  }
  return { logins, programs, hasStore: store !== "" };
}

/** The entry of the repository, of the nearest path above it, or of its host. */
export function findCredentials({ logins }: DockerConfig, repository: Repository): Credentials | undefined {
  return keysOf(repository)
    .map((key) => logins.get(key))
    .find((login) => login !== undefined);
}

/** The key of the file that leaves the repository's login to a program; undefined where none does. */
export function findProgram(
  { programs }: DockerConfig,
  repository: Repository,
): "credHelpers" | "credsStore" | undefined {
  return keysOf(repository)
    .map((key) => programs.get(key))
    .find((program) => program !== undefined);
}

/** What of the file is not used, as a sentence; undefined where all of it is. */
export function unsupported({ programs, hasStore }: DockerConfig): string | undefined {
  if (programs.size === 0 && !hasStore) return undefined;
  const keys = [...new Set([...programs.values(), ...(hasStore ? ["credsStore"] : [])])].toSorted();
  const hosts = [...new Set([...programs.keys()].map(named))].toSorted();
  const whose = hosts.length === 0 ? "" : ` for ${hosts.join(", ")}`;
  return `${keys.join(" and ")} of the file: not supported, so what a program holds${whose} is not used`;
}

/** From the repository itself up to its host. */
function keysOf({ registry, repository }: Repository): string[] {
  const parts = [registry, ...repository.split("/")];
  return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
}

function parse(content: string): object {
  try {
    const config: unknown = JSON.parse(content);
    if (isObject(config)) return config;
  } catch {
    // The parser's own text repeats the content.
  }
  throw new DockerConfigError("it is no JSON object");
}

/** As a key is spelled for its host beats the legacy forms, which fold into the same key. */
function entries(config: object, name: string): [string, unknown][] {
  const value = property(config, name) ?? {};
  if (!isObject(value)) throw new DockerConfigError(`${name} is no object`);
  return Object.entries(value).sort(([a], [b]) => Number(a.includes("://")) - Number(b.includes("://")));
}

/** What Docker wrote before there was `auths`: it would look like a file without logins. */
function isOldFormat(config: object): boolean {
  return Object.values(config).some(
    (entry) => isObject(entry) && typeof property(entry, "auth") === "string",
  );
}

/** `https://index.docker.io/v1/` is `docker.io`; `host/path` keeps its path. */
function canonicalKey(key: string): string {
  const [host = "", ...parts] = key.replace(/^https?:\/\//i, "").split("/");
  const path = parts.slice(0, parts.findLastIndex((part) => part !== "") + 1);
  const legacy = path.length === 1 && (path[0] === "v1" || path[0] === "v2");
  return [canonicalRegistry(host), ...(legacy ? [] : path)].join("/");
}

/** A key for people: one that is no host could be anything, a password too. */
function named(key: string): string {
  const [host = "", ...path] = canonicalKey(key).split("/");
  const isName = isHost(host) && (path.length === 0 || isRepositoryPath(path.join("/")));
  return isName ? JSON.stringify([host, ...path].join("/")) : "an entry that is no host";
}

function credentials(key: string, entry: unknown): Credentials | undefined {
  if (entry === null) return undefined;
  if (!isObject(entry)) throw new DockerConfigError(`the entry of ${named(key)} is no object`);
  const field = (name: string) => text(property(entry, name), `${name} of ${named(key)}`);
  const identity = field("identitytoken");
  const bearer = field("registrytoken");
  if (identity !== "") return { kind: "identity", token: identity, id: identify("identity", identity) };
  if (bearer !== "") return bearerOf(key, bearer);
  const [username, password] =
    field("auth") === "" ? [field("username"), field("password")] : decode(key, field("auth"));
  if (username === "" && password === "") return undefined;
  // How Docker writes a refresh token where it has but a user name and a password to write.
  if (username === "<token>")
    return { kind: "identity", token: password, id: identify("identity", password) };
  return { kind: "password", username, password, id: identify("password", username, password) };
}

function bearerOf(key: string, token: string): Credentials {
  // It is sent as it is, so it has to be fit for a header.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new DockerConfigError(`registrytoken of ${named(key)} holds what no token may`);
  }
  return { kind: "bearer", token, id: identify("bearer", token) };
}

function decode(key: string, auth: string): [string, string] {
  const decoded = /^[A-Za-z0-9+/]+={0,2}\s*$/.test(auth) ? Buffer.from(auth, "base64").toString("utf8") : "";
  const colon = decoded.indexOf(":");
  if (colon < 0) {
    throw new DockerConfigError(`auth of ${named(key)} is not the base64 form of user:password`);
  }
  return [decoded.slice(0, colon), withoutNuls(decoded.slice(colon + 1))];
}

/** Some tools pad what they encode. */
function withoutNuls(padded: string): string {
  let end = padded.length;
  while (end > 0 && padded[end - 1] === "\0") end -= 1;
  return padded.slice(0, end);
}

/** A text, empty where there is none; `what` names it where it is something else. */
function text(value: unknown, what: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new DockerConfigError(`${what} is no text`);
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function identify(...parts: string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
