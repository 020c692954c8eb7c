/**
 * What `node:http` can do at best: a process of its own that answers recorded posts with the same bytes. It reads the
 * request; it knows no limits, errors, metrics or other origins.
 *
 * `http-floor.ts RECORDINGS`; prints where it listens.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

interface Written {
  readonly path: string;
  readonly contentType: string;
  readonly bodies: readonly string[];
  readonly answers: readonly string[];
}

const answers = new Map<string, Buffer>();
for (const post of JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Written[]) {
  for (const [index, body] of post.bodies.entries()) {
    const key = `${post.path}${post.contentType}${Buffer.from(body, "base64").toString("latin1")}`;
    answers.set(key, Buffer.from(post.answers[index] ?? "", "base64"));
  }
}

const server = createServer((request, response) => {
  let body = "";
  request.setEncoding("latin1");
  request.on("data", (chunk: string) => {
    body += chunk;
  });
  request.on("end", () => {
    const contentType = request.headers["content-type"];
    const answer = answers.get(`${request.url}${contentType}${body}`);
    if (!answer) return response.writeHead(404).end();
    response.writeHead(200, ["content-type", String(contentType), "content-length", String(answer.length)]);
    return response.end(answer);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(`127.0.0.1:${(server.address() as AddressInfo).port}`));
