/**
 * The options of a docker source as a configuration without any key of its own has them, but for `scheme`: fake
 * registries speak plain HTTP.
 */
import type { DockerReaderOptions } from "../../src/registry/docker-reader.ts";

export const plainOptions: Omit<DockerReaderOptions, "registry" | "repository"> = {
  scheme: "http",
  credentialsFile: undefined,
  authHosts: [],
  caFile: undefined,
  clientCertificate: undefined,
  insecureSkipVerify: false,
  maxRequests: 4,
  budget: { pages: 1000, tags: 200_000, bytes: 256 * 1024 * 1024 },
};
