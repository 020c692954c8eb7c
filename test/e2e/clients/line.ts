/**
 * The line between a client and the service: a port that passes everything on, and can be cut while a call is on its way.
 */

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";

export interface Line {
  readonly port: number;
  /** Cuts all connections when the client next sends something, instead of passing that on. */
  cutAtNextWord(): void;
  /** Whether that has happened. */
  isCut(): boolean;
  /** Passes nothing on any more, of the connections that there are. New ones work. */
  die(): void;
  stop(): Promise<void>;
}

export async function layLine(to: number): Promise<Line> {
  let cut: "no" | "soon" | "done" = "no";
  const open = new Set<Socket>();
  const dead = new Set<Socket>();
  const hangUp = () => {
    for (const socket of open) socket.resetAndDestroy();
  };

  const server = createServer((client) => {
    const service = connect(to, "127.0.0.1");
    for (const [socket, other] of [
      [client, service],
      [service, client],
    ] as const) {
      open.add(socket);
      socket
        .on("error", () => {})
        .on("close", () => {
          open.delete(socket);
          other.destroy();
        });
    }
    client.on("data", (bytes) => {
      if (cut === "soon") {
        cut = "done";
        hangUp();
      } else if (!dead.has(client)) service.write(bytes);
    });
    service.on("data", (bytes) => dead.has(service) || client.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    port: (server.address() as AddressInfo).port,
    cutAtNextWord() {
      cut = "soon";
    },
    isCut: () => cut === "done",
    die() {
      for (const socket of open) dead.add(socket);
    },
    async stop() {
      hangUp();
      server.close();
      await once(server, "close");
    },
  };
}
