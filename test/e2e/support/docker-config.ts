/**
 * Logins as `docker login` writes them, into a file that may be written anew.
 */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newDirectory } from "./paths.ts";

export interface Login {
  readonly user: string;
  readonly password: string;
}

export interface DockerConfig {
  readonly path: string;
  /** Puts other content in its place, at once. */
  write(content: string): void;
  login(login: Login): void;
}

/** A file with a login for a registry. */
export function dockerConfig(registry: string, first: Login): DockerConfig {
  const path = join(newDirectory("docker"), "config.json");
  const write = (content: string) => {
    writeFileSync(`${path}.new`, content, { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  const login = (login: Login) => write(JSON.stringify({ auths: { [registry]: { auth: encoded(login) } } }));
  login(first);
  return { path, write, login };
}

/** As it stands in the file, and is sent. */
export const encoded = ({ user, password }: Login) => Buffer.from(`${user}:${password}`).toString("base64");
