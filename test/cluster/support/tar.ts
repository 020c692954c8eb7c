/**
 * A layer: the files of a directory, packed so that equal files give equal bytes.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Gives the path of the archive, beside the directory. */
export async function tar(directory: string): Promise<string> {
  const file = `${directory}.tar`;
  const alike = ["--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--mode=u=rwX,go=rX"];
  await run("tar", ["-C", directory, ...alike, "-cf", file, "."]);
  return file;
}
