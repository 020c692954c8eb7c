/**
 * A process of its own that is the real service on a registry with ten images that are wanted. Tells its address and the
 * images (`registry/repository@digest`), and when asked how often the registry was listed.
 */
import pino from "pino";
import { startServer } from "../../src/app/server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { fakeRegistry } from "../support/registry.ts";

export interface ServiceStarted {
  readonly address: string;
  readonly images: readonly string[];
}

const repository = "sciplat/lab";
const tags = Array.from({ length: 10 }, (_, index) => `w_2077_${30 + index}`);
const registry = await fakeRegistry();
for (const tag of tags) registry.push(repository, tag, `{"tag":"${tag}"}`);
const config = {
  grpc: { address: "127.0.0.1:0" },
  http: { address: "127.0.0.1:0" },
  sources: [
    {
      name: "lab",
      type: "docker",
      registry: registry.host,
      repository,
      scheme: "http",
      refreshInterval: 0,
      numWeeklies: 10,
    },
  ],
};
const options = { directory: "/nowhere", isTerminal: false, now: Date.now() };
const server = await startServer(parseConfig(JSON.stringify(config), options), pino({ level: "silent" }));

process.on("message", () => process.send?.(registry.received("GET", /tags\/list$/).length));
process.on("disconnect", () => process.exit());
const images = await Promise.all(
  tags.map(async (tag) => {
    const { headers } = await fetch(`${registry.origin}/v2/${repository}/manifests/${tag}`, {
      method: "HEAD",
    });
    return `${registry.host}/${repository}@${headers.get("docker-content-digest")}`;
  }),
);
process.send?.({ address: server.address, images } satisfies ServiceStarted);
