/**
 * Images that a node can run: of a shell and a few commands, or of less. Each has a file of its own, so that it has a
 * digest of its own; equal ones have equal digests.
 */
import { randomBytes } from "node:crypto";
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crane } from "../../e2e/support/crane.ts";
import { newDirectory } from "../../e2e/support/paths.ts";
import { programs } from "./programs.ts";
import { tar } from "./tar.ts";

/** Kubernetes' and OCI's name for what this machine is. */
const architecture = process.arch === "x64" ? "amd64" : process.arch;

const baseRepository = "cluster/base";

/** Pushes what the images of a registry begin with, and gives the reference of the image that every sandbox runs. */
export async function pushBase(registry: string): Promise<string> {
  const files = newDirectory("base");
  mkdirSync(join(files, "bin"));
  copyFileSync(programs.busybox, join(files, "bin/busybox"));
  for (const command of ["sh", "true", "false", "sleep"]) symlinkSync("busybox", join(files, "bin", command));
  const base = `${registry}/${baseRepository}:1`;
  await crane("append", "--oci-empty-base", "-f", await tar(files), "-t", base);
  await crane(
    "mutate",
    base,
    "-t",
    base,
    "--set-platform",
    `linux/${architecture}`,
    "--entrypoint",
    "/bin/sh",
  );
  const pause = `${registry}/${baseRepository}:pause`;
  await crane("mutate", base, "-t", pause, "--entrypoint", "/bin/sleep,2147483647");
  return pause;
}

export interface ImageOptions {
  /** Whom it runs as; absent: it does not say, which means root. */
  readonly user?: string;
  /** Bytes that cannot be compressed, which make it slow to pull; its digest is then different each time. */
  readonly size?: number;
  /** Default: this machine's. */
  readonly architecture?: "amd64" | "arm64";
}

/** Pushes an image, in a registry that has the base, and gives its digest. */
export async function pushImage(
  reference: string,
  text: string,
  { user, size = 0, architecture: other }: ImageOptions = {},
): Promise<string> {
  const files = newDirectory("image");
  writeFileSync(join(files, "id"), `${text}\n`);
  if (size > 0) writeFileSync(join(files, "blob"), randomBytes(size));
  const [registry] = reference.split("/");
  await crane("append", "-b", `${registry}/${baseRepository}:1`, "-f", await tar(files), "-t", reference);
  const changes = [...(user ? ["--user", user] : []), ...(other ? ["--set-platform", `linux/${other}`] : [])];
  if (changes.length > 0) await crane("mutate", reference, "-t", reference, ...changes);
  return crane("digest", reference);
}

/** Pushes an image of one file, without any command. */
export async function pushDistroless(reference: string, text: string): Promise<string> {
  const files = newDirectory("image");
  writeFileSync(join(files, "data"), `${text}\n`);
  await crane("append", "--oci-empty-base", "-f", await tar(files), "-t", reference);
  await crane(
    "mutate",
    reference,
    "-t",
    reference,
    "--set-platform",
    `linux/${architecture}`,
    "--entrypoint",
    "/data",
  );
  return crane("digest", reference);
}

/** Pushes an index over images of the same repository, in the order given, and gives its digest. */
export async function pushIndex(reference: string, manifests: readonly string[]): Promise<string> {
  await crane("index", "append", ...manifests.flatMap((manifest) => ["-m", manifest]), "-t", reference);
  return crane("digest", reference);
}
