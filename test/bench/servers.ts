/**
 * The servers that are compared on the gRPC port: the service on both runtimes, the floor, and the rival.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { staticSource } from "./configurations.ts";
import { goProgram } from "./go-programs.ts";
import { addressLine, type Program, startProgram } from "./program.ts";
import { cases, type Recording, record, sources } from "./recordings.ts";
import { type Service, type ServiceKind, startService } from "./service.ts";

export interface Target {
  readonly address: string;
  readonly pid: number;
}

export interface Targets {
  /** By their names in tables. */
  readonly all: Readonly<Record<string, Target>>;
  stop(): Promise<void>;
}

/** Those services with their floor and their rival; `Node` among them is the one that these answer like. */
export async function startGrpcServers(
  services: Readonly<Record<string, Service>> & { readonly Node: Service },
): Promise<Targets> {
  const programs: Program[] = [];
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const file = join(directory, "recordings.json");
  const answering = async (command: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Target> => {
    const program = startProgram([...command, file], env);
    programs.push(program);
    return { address: await program.line(addressLine), pid: program.pid };
  };
  const recordings: Recording[][] = [];
  // Marks first, and on both, since they change the other answers.
  for (const each of cases.toReversed()) {
    recordings.push(await record(services.Node.address, each));
    for (const { address } of Object.values(services)) await record(address, each);
  }
  writeFileSync(file, JSON.stringify(recordings.flat().map(writable)));
  const rival = goProgram("rival");
  const all = {
    ...targetsOf(services, ({ address }) => address),
    floor: await answering([process.execPath, fileURLToPath(new URL("floor.ts", import.meta.url))]),
    ...(rival && { "grpc-go": await answering([rival], { GOMAXPROCS: "1" }) }),
  };
  return {
    all,
    async stop() {
      await Promise.all([...programs, ...Object.values(services)].map((each) => each.stop()));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The service with the sources that the measured calls are about, by the names of runtimes in tables. */
export function startServices(): Promise<Record<"Node" | "Deno", Service>> {
  return servicesOf({ Node: "node", Deno: "deno" });
}

export async function servicesOf<K extends string>(
  kinds: Readonly<Record<K, ServiceKind>>,
): Promise<Record<K, Service>> {
  const started: Partial<Record<K, Service>> = {};
  for (const [name, kind] of Object.entries<ServiceKind>(kinds))
    started[name as K] = await startService(kind, sources.map(staticSource));
  return started as Record<K, Service>;
}

export function targetsOf<K extends string>(
  services: Readonly<Record<K, Service>>,
  addressOf: (service: Service) => string,
): Record<K, Target> {
  const targets = Object.entries<Service>(services).map(([name, service]) => {
    return [name, { address: addressOf(service), pid: service.program.pid }];
  });
  return Object.fromEntries(targets) as Record<K, Target>;
}

function writable({ method, request, reply }: Recording): object {
  const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
  return { method, request: base64(request), reply: base64(reply) };
}
