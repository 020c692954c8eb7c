/**
 * Which users of a kubeconfig have their token in a file (`tokenFile`): client-node knows that by another name only.
 */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { list, object, text } from "./json.ts";

/** Names of users with their files, as they are written. */
export function tokenFilesOf(kubeconfig: string): [string, string][] {
  const { users } = object(parse(readFileSync(kubeconfig, "utf8"), { logLevel: "silent" }));
  return list(users).flatMap((entry): [string, string][] => {
    const { name, user } = object(entry);
    const file = text(object(user).tokenFile);
    return file === "" ? [] : [[text(name), file]];
  });
}
