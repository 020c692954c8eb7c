/**
 * Whether the files that a prepuller's configuration names can be used, all of them at once. Nothing is connected to.
 */
import { openServiceClient, type ServiceClientOptions } from "../client/service-client.ts";
import { ConfigError } from "../config/config-error.ts";
import type { PrepullerConfig } from "../config/prepuller-config.ts";
import { loadKubeconfig } from "../kubernetes/kubeconfig.ts";
import type { Logger } from "../observability/logger.ts";

/** Fails with `ConfigError`. */
export async function checkPrepullerFiles(
  { service, kubeconfig }: PrepullerConfig,
  log: Logger,
): Promise<void> {
  const { url, tokenFile, caFile, clientCertificate } = service;
  const none = { url, tokenFile: undefined, caFile: undefined, clientCertificate: undefined };
  const open = (part: Partial<ServiceClientOptions>) => async () =>
    openServiceClient({ ...none, ...part }, log).close();
  const problems = await Promise.all([
    problemOf("service", open({ tokenFile })),
    problemOf("service", open({ caFile })),
    problemOf("service", open({ clientCertificate })),
    ...(kubeconfig === undefined ? [] : [problemOf("kubeconfig", () => loadKubeconfig(kubeconfig))]),
  ]);
  const told = problems.filter((problem) => problem !== "");
  if (told.length > 0) throw new ConfigError(told);
}

/** Empty: none. */
async function problemOf(key: string, use: () => Promise<unknown>): Promise<string> {
  try {
    await use();
    return "";
  } catch (error) {
    return `${key}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
