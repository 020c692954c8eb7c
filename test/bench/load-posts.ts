/**
 * Posts over HTTP/1.1 for the generator in Node, one after the other on a connection.
 */
import { Agent, request } from "node:http";
import type { Job } from "./load.ts";
import type { Send } from "./load-process.ts";

export function postSender(job: Required<Job>, bodies: readonly Buffer[]): Send {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const [host, port] = job.address.split(":");
  return (turn) =>
    new Promise((resolve, reject) => {
      const { path = "", contentType = "", bytes = 0 } = job.requests[turn] ?? {};
      const body = bodies[turn] ?? Buffer.alloc(0);
      const headers = { "content-type": contentType, "content-length": body.length };
      const post = request({ agent, host, port, path, method: "POST", headers }, (response) => {
        let length = 0;
        response.on("data", (chunk: Buffer) => {
          length += chunk.length;
        });
        response.on("error", reject);
        response.on("end", () => {
          if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
          else if (Math.abs(length - bytes) > job.slack) reject(new Error(`${length} bytes, not ${bytes}`));
          else resolve();
        });
      });
      post.on("error", reject);
      post.end(body);
    });
}
