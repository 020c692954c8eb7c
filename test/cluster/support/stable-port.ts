/**
 * Ports on loopback for servers that are killed and started again in the middle of a run.
 *
 * They are below those that the kernel gives to connections. One of these could be taken by a client while its server
 * is away, even by a client that tries to reach that server: it would then be connected to itself.
 */
import { createServer } from "node:net";

const lowest = 25_000;
const highest = 32_000;

/** A port that is free now, chosen by chance, so that two runs at once hardly choose the same. */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
