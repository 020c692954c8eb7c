/**
 * What stands before several processes of the service, as a Service of Kubernetes does: new connections go in turn to
 * those that say on /readyz that they are ready. Connections that are open stay where they are.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Place } from "./place.ts";

export interface Balancer {
  readonly port: number;
  /** How many connections each place has got so far. */
  readonly taken: ReadonlyMap<Place, number>;
  add(place: Place): void;
  stop(): void;
}

const probeMs = 100;

export async function startBalancer(): Promise<Balancer> {
  const readiness = new Map<Place, boolean>();
  const taken = new Map<Place, number>();
  const open = new Set<Socket>();
  let turn = 0;

  const server = createServer((client) => {
    const ready = [...readiness].flatMap(([place, isReady]) => (isReady ? [place] : []));
    const place = ready[turn++ % ready.length];
    open.add(client);
    client.on("error", () => {}).on("close", () => open.delete(client));
    if (!place) {
      client.resetAndDestroy();
      return;
    }
    taken.set(place, (taken.get(place) ?? 0) + 1);
    const service = connect(place.port, "127.0.0.1");
    service.on("error", () => client.destroy()).on("close", () => client.destroy());
    client.on("close", () => service.destroy());
    client.pipe(service).pipe(client);
  });
  const probing = setInterval(async () => {
    for (const place of readiness.keys()) readiness.set(place, await isReady(place));
  }, probeMs);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    taken,
    add: (place) => readiness.set(place, false),
    stop() {
      clearInterval(probing);
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

async function isReady({ httpPort }: Place): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${httpPort}/readyz`)).status === 200;
  } catch {
    return false;
  }
}
