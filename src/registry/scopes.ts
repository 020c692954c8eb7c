/**
 * Scopes: what a token is asked for.
 */
import type { Challenge } from "./challenge.ts";

// What GHCR names whatever is asked for.
const placeholder = "repository:user/image:pull";
// A kind, a name that may hold a port, and actions: `repository:registry.example.org:5000/lab/image:pull`.
const pattern = /^[a-z]+(?:\([a-z]+\))?:[^\s:]+(?::\d[^\s:]*)?:[a-z_,*]+$/;

/** Rights to read; more are never asked for, whoever names them. */
const reading = new Set(["pull", "metadata_read"]);

/** What is enough to list and to resolve, as every registry but a few says it. */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

/**
 * The scopes that a token turned out to lack. What a challenge names is believed only when it says so, or when it is
 * about our repository: some name a placeholder, or nothing that makes sense.
 */
export function missingScopes(
  { parameters }: Challenge,
  repository: string,
  asked: ReadonlySet<string>,
): string[] {
  const insufficient = parameters.get("error") === "insufficient_scope";
  return (parameters.get("scope") ?? "")
    .split(" ")
    .filter((scope) => pattern.test(scope) && scope !== placeholder && !asked.has(scope))
    .filter((scope) => actionsOf(scope).every((action) => reading.has(action)))
    .filter((scope) => insufficient || scope.startsWith(`repository:${repository}:`));
}

function actionsOf(scope: string): string[] {
  return scope.slice(scope.lastIndexOf(":") + 1).split(",");
}
