/**
 * A rolling restart under load: of two processes behind a balancer one is replaced after the other, and no call of a
 * client that retries is lost.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openServiceClient, type ServiceClient } from "../../src/client/service-client.ts";
import { type Balancer, startBalancer } from "./support/balancer.ts";
import { labRepository } from "./support/content.ts";
import { ready } from "./support/health.ts";
import { freePlace, type Place, portsOf } from "./support/place.ts";
import { newRegistry, type Registry } from "./support/registry.ts";
import { type Runtime, runtimes, type Service, startService } from "./support/service.ts";
import { until } from "./support/until.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const noFiles = { tokenFile: undefined, caFile: undefined, clientCertificate: undefined };

describe.each(Object.keys(runtimes) as Runtime[])("the service under %s", (runtime) => {
  let registry: Registry;
  let balancer: Balancer;
  const services: Service[] = [];

  beforeAll(async () => {
    registry = await newRegistry("distribution 3", inject("seeded")["distribution 3"].storage);
    await registry.start();
    balancer = await startBalancer();
  });
  afterAll(async () => {
    balancer?.stop();
    await Promise.all(services.map(({ program }) => program.kill()));
    await registry?.stop();
  });

  async function replica(): Promise<Service> {
    const place = await freePlace();
    const service = await startService(runtime, place, configuration(place, registry.host));
    services.push(service);
    await ready(service);
    balancer.add(place);
    return service;
  }

  it("is replaced under load, and no call is lost", { timeout: 120_000 }, async () => {
    const [first, second] = [await replica(), await replica()];
    const load = startLoad(balancer.port, 8);
    const answers = (count: number) => {
      const enough = load.answered() + count;
      return until(`${count} more answers`, () => load.answered() >= enough);
    };
    await answers(200);
    for (const old of [first, second]) {
      const next = await replica();
      const ended = old.program.end("SIGTERM", 30);
      await until(
        "a connection to the new process",
        async () => (balancer.taken.get(next.place) ?? 0) > 0,
        30,
      );
      expect(await ended).toBe(0);
      await answers(200);
    }
    expect(await load.stop()).toEqual([]);
    expect(load.answered()).toBeGreaterThan(600);
  });
});

/** Calls one after another over so many connections. */
function startLoad(port: number, connections: number) {
  const failures: string[] = [];
  let answered = 0;
  let isStopping = false;
  const clients: ServiceClient[] = Array.from({ length: connections }, () =>
    openServiceClient({ url: `http://127.0.0.1:${port}`, ...noFiles }, quiet),
  );
  const loops = clients.map(async ({ rpc }) => {
    while (!isStopping) {
      try {
        const { images } = await rpc.menuImages({});
        const { reference = "" } = images.find(({ digest }) => digest) ?? {};
        await rpc.imageForReference({ reference });
        await rpc.markPrepulled({ reference, node: "node-1" });
        answered += 3;
      } catch (error) {
        failures.push(String(error));
      }
    }
  });
  return {
    answered: () => answered,
    /** What failed. */
    async stop() {
      isStopping = true;
      await Promise.all(loops);
      for (const client of clients) client.close();
      return failures;
    },
  };
}

function configuration(place: Place, host: string): string {
  return JSON.stringify({
    ...portsOf(place),
    shutdown: { wait: "1s", grace: "10s" },
    sources: [
      {
        ...{ name: "lab", type: "docker", registry: host, repository: labRepository, scheme: "http" },
        refreshInterval: 0,
      },
    ],
  });
}
