/**
 * The login for one repository, from a file that may change under a running program. What the file's format means is
 * in `docker-config.ts`.
 */
import type { Repository } from "../domain/reference.ts";
import { watchFiles } from "../files/watched-files.ts";
import type { CredentialsSource } from "./authenticator.ts";
import {
  type Credentials,
  DockerConfigError,
  findCredentials,
  findProgram,
  parseDockerConfig,
  unsupported,
} from "./docker-config.ts";
import type { RegistryLog } from "./log.ts";

/** Fails, naming the file and not its content, where it cannot be used. No file: no login. */
export function credentialsFile(
  file: string | undefined,
  repository: Repository,
  log: RegistryLog,
  intervalMs: number | undefined,
): CredentialsSource & { close(): void } {
  if (file === undefined) return { value: undefined, check: async () => {}, close: () => {} };
  const { registry } = repository;
  let said: string | undefined;
  const parse = ([content = ""]: readonly string[]): Credentials | undefined => {
    const config = parseDockerConfig(content);
    const found = findCredentials(config, repository);
    const program = found === undefined ? findProgram(config, repository) : undefined;
    if (program !== undefined) {
      throw new DockerConfigError(
        `it leaves the login of ${registry} to ${program}, which is not supported; the login itself has to be in auths`,
      );
    }
    const complaint = unsupported(config);
    if (complaint !== undefined && complaint !== said) log.warn({ file }, `credentials file: ${complaint}`);
    said = complaint;
    if (found === undefined) log.warn({ file, registry }, "the credentials file has none for this registry");
    return found;
  };
  const interval = intervalMs === undefined ? {} : { intervalMs };
  return watchFiles([file], { what: "credentials file", parse, log, ...interval });
}
