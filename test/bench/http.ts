/**
 * Calls on the HTTP port, by Connect in JSON and in binary: the service on both runtimes beside a raw `node:http` server
 * that has the answers ready. Empty where the service has no HTTP port.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Comparison, comparisonOf, interleaved } from "./compare.ts";
import { type Post, posts, recordPost } from "./http-posts.ts";
import { runLoad } from "./load.ts";
import type { Options } from "./options.ts";
import { addressLine, type Program, startProgram } from "./program.ts";
import { startServices, type Target, targetsOf } from "./servers.ts";
import { hasHttpPort, type Service } from "./service.ts";

const connections = [8, 64];
const pairs = [
  ["Node", "floor"],
  ["Deno", "floor"],
] as const;

export async function benchHttp(options: Options): Promise<Comparison[]> {
  if (!hasHttpPort()) return [];
  const services = await startServices();
  const targets = targetsOf(services, ({ httpAddress }) => httpAddress ?? "");
  const floor = await startFloor(targets.Node);
  try {
    const all = { ...targets, floor: { address: await floor.line(addressLine), pid: floor.pid } };
    const rows: Comparison[] = [];
    for (const post of posts) rows.push(...(await compare(post, all, options)));
    return rows;
  } finally {
    await Promise.all([floor, ...Object.values<Service>(services)].map((each) => each.stop()));
  }
}

async function compare(
  post: Post,
  targets: Readonly<Record<string, Target>>,
  { rounds, seconds }: Options,
): Promise<Comparison[]> {
  const { path, contentType, bodies } = post;
  const rows: Comparison[] = [];
  for (const count of connections) {
    const results = await interleaved(Object.keys(targets), rounds, async (name) => {
      const { address, pid } = targets[name] ?? { address: "", pid: 0 };
      const answers = await recordPost(address, post);
      const requests = bodies.map((body, index) => {
        return { path, contentType, body, bytes: answers[index]?.length ?? 0 };
      });
      return runLoad({ protocol: "http", address, pid, connections: count, streams: 1, seconds, requests });
    });
    rows.push(comparisonOf(post.name, count, results, pairs));
  }
  return rows;
}

/** Answers what the service answers. */
async function startFloor({ address }: Target): Promise<Program> {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const file = join(directory, "recordings.json");
  const recordings = await Promise.all(
    posts.map(async (post) => {
      const answers = await recordPost(address, post);
      return { ...post, bodies: post.bodies.map(base64), answers: answers.map(base64) };
    }),
  );
  writeFileSync(file, JSON.stringify(recordings));
  const program = startProgram([
    process.execPath,
    fileURLToPath(new URL("http-floor.ts", import.meta.url)),
    file,
  ]);
  await program.line(addressLine);
  rmSync(directory, { recursive: true, force: true });
  return program;
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
