/**
 * The service as a user starts it, on Node or on Deno, as a process of its own.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Program, root, startProgram } from "./program.ts";

export const runtimes = ["node", "deno"] as const;
export type Runtime = (typeof runtimes)[number];
/** The service, or the experiment of an own unary path, which has no HTTP port. */
export type ServiceKind = Runtime | "unary";

export interface Service {
  readonly program: Program;
  readonly address: string;
  /** Undefined where the service has no HTTP port. */
  readonly httpAddress: string | undefined;
  /** From its start to the line that says that it listens. */
  readonly listeningMs: number;
  readonly startedAt: number;
  stop(): Promise<void>;
}

const permissions = ["--allow-net", "--allow-read", "--allow-env", "--allow-sys"];
const commands: Record<ServiceKind, () => readonly string[]> = {
  node: () => [process.execPath, "--max-semi-space-size=4", "src/main.ts"], // as `npm start` does
  deno: () => [denoProgram(), "run", ...permissions, "src/main.ts"],
  unary: () => [process.execPath, "--max-semi-space-size=4", "test/bench/unary-server.ts"],
};

/** `sources` as a configuration file has them. */
export async function startService(kind: ServiceKind, sources: readonly object[]): Promise<Service> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const file = join(directory, "config.yaml");
  const http = hasHttpPort() ? { http: { address: "127.0.0.1:0" } } : {};
  const config = {
    grpc: { address: "127.0.0.1:0" },
    ...http,
    log: { level: "info", format: "json" },
    sources,
  };
  writeFileSync(file, JSON.stringify(config));
  const startedAt = performance.now();
  const program = startProgram([...commands[kind](), "serve", "--config", file], {
    NODE_COMPILE_CACHE: join(root, ".cache/node"), // as `npm start` does; Deno has its own
  });
  const address = await program.line((line) => listening(line, "gRPC"));
  const listeningMs = performance.now() - startedAt;
  const hasHttp = kind !== "unary" && hasHttpPort();
  const httpAddress = hasHttp ? await program.line((line) => listening(line, "HTTP")) : undefined;
  return {
    program,
    address,
    httpAddress,
    listeningMs,
    startedAt,
    async stop() {
      await program.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function listening(line: string, port: string): string | undefined {
  if (!line.includes(`"listening for ${port}"`)) return undefined;
  return (JSON.parse(line) as { address: string }).address;
}

let answer: boolean | undefined;

/** Older services refuse the key `http`. */
export function hasHttpPort(): boolean {
  if (answer !== undefined) return answer;
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const file = join(directory, "config.yaml");
  const source = { name: "a", type: "static", registry: "r.example.org", repository: "a", images: [] };
  writeFileSync(file, JSON.stringify({ http: { address: "127.0.0.1:8080" }, sources: [source] }));
  const { status } = spawnSync(process.execPath, ["src/main.ts", "check-config", file], { cwd: root });
  rmSync(directory, { recursive: true, force: true });
  answer = status === 0;
  return answer;
}

/** The program itself: npm's `deno` starts it as a child, which would be the process that is measured. */
function denoProgram(): string {
  const own = createRequire(import.meta.url);
  const platform = `${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
  const fromDeno = createRequire(own.resolve("deno/package.json"));
  return join(dirname(fromDeno.resolve(`@deno/${platform}/package.json`)), "deno");
}
