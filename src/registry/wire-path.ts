/**
 * The path under which a registry has our repository. It is the configured one, but for Artifactory: where that
 * stands before Docker Hub, an official image is pulled as `docker-hub/ubuntu` and listed as
 * `docker-hub/library/ubuntu`.
 *
 * Which of the two it is, is seen by the listing, and everything else goes by it.
 */
import type { Answer } from "./exchange.ts";
import { header } from "./headers.ts";

export class WirePath {
  readonly #paths: readonly string[];
  /** `docker-hub/ubuntu`. */
  current: string;

  constructor(repository: string) {
    const [virtual, image, ...more] = repository.split("/");
    const hasLibrary = virtual !== undefined && image !== undefined && more.length === 0;
    this.#paths = hasLibrary ? [repository, `${virtual}/library/${image}`] : [repository];
    this.current = repository;
  }

  /** The path to try instead, after an answer that Artifactory knows no such repository. */
  instead({ status, headers }: Answer): string | undefined {
    const isArtifactory = header(headers, "x-jfrog-version") !== undefined;
    return status === 404 && isArtifactory ? this.#paths.find((path) => path !== this.current) : undefined;
  }
}
