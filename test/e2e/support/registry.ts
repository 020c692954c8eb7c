/**
 * A real registry on a port of its own: Debian's docker-registry 2.8, or distribution v3.
 *
 * They differ where it matters here: 2.8 ignores `n` and lists tags in no order, v3 pages and sorts; 2.8 deletes by
 * digest only, with all its tags, v3 single tags too.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newDirectory, tools } from "./paths.ts";
import { freePort, listens } from "./ports.ts";
import { type Program, start } from "./process.ts";
import { until } from "./until.ts";

export const registryKinds = {
  "docker-registry 2.8": tools.dockerRegistry,
  "distribution 3": tools.distribution,
};
export type RegistryKind = keyof typeof registryKinds;

export interface Registry {
  readonly kind: RegistryKind;
  /** `127.0.0.1:PORT`: it stays the same over stops and starts. */
  readonly host: string;
  /** Where it keeps everything. */
  readonly storage: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What it was asked since it was started: `GET /v2/`. */
  requests(): string[];
}

/**
 * A registry that is not started yet, on a storage that is there, or else on an empty one. What else it is to do, such
 * as asking for a login, is in variables: `REGISTRY_AUTH`.
 */
export async function newRegistry(
  kind: RegistryKind,
  content?: string,
  settings: NodeJS.ProcessEnv = {},
): Promise<Registry> {
  const directory = newDirectory("registry");
  const storage = content ?? join(directory, "storage");
  const config = join(directory, "registry.yml");
  const port = await freePort();
  writeFileSync(
    config,
    `version: 0.1
log: { level: warn }
storage:
  filesystem: { rootdirectory: ${storage} }
  delete: { enabled: true }
http: { addr: 127.0.0.1:${port} }
`,
  );
  let program: Program | undefined;
  return {
    kind,
    host: `127.0.0.1:${port}`,
    storage,
    async start() {
      const started = start(registryKinds[kind], ["serve", config], {
        env: { ...process.env, OTEL_TRACES_EXPORTER: "none", ...settings }, // v3 would look for a collector
      });
      program = started;
      await until(`a ${kind} on port ${port}`, () => {
        started.mustRun();
        return listens(port);
      });
    },
    async stop() {
      await program?.kill();
      program = undefined;
    },
    requests: () =>
      [...(program?.output() ?? "").matchAll(/"((?:GET|HEAD|PUT|POST|PATCH|DELETE) \S+) HTTP/g)].map(
        ([, request]) => request ?? "",
      ),
  };
}
