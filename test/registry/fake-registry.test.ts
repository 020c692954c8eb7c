/** The fake registry of these tests: its faults come when a test says so, and the same way every time. */
import { fetch, type RequestInit } from "undici"; // Deno's own asks again where a connection is closed
import { describe, expect, it } from "vitest";
import { failure } from "../support/registry.ts";
import { startRegistry } from "./reader.ts";

const list = "/v2/a/tags/list";

async function asked(url: string, init: RequestInit = {}): Promise<number | "closed"> {
  return fetch(url, init).then(
    ({ status }) => status,
    () => "closed",
  );
}

describe("case 141: a fault of the fake registry", () => {
  it("comes as often as it was said, and then the registry answers itself", async () => {
    const registry = await startRegistry({ repositories: { a: ["x"] } });
    registry.rule({ path: list, times: 2, reply: { status: 503 } });
    const statuses = [];
    for (let count = 0; count < 4; count += 1) statuses.push(await asked(registry.origin + list));
    expect(statuses).toEqual([503, 503, 200, 200]);
  });

  it("is for a method and a path, or for all", async () => {
    const registry = await startRegistry({ repositories: { a: ["x"] } });
    registry.rule({ method: "HEAD", path: /manifests/, reply: { status: 405 } });
    const manifest = `${registry.origin}/v2/a/manifests/x`;
    expect(await asked(manifest, { method: "HEAD" })).toBe(405);
    expect(await asked(manifest)).toBe(200);
    registry.rule({ reply: { status: 418 } });
    expect(await asked(manifest)).toBe(418);
    expect(await asked(`${registry.origin}/anything`)).toBe(418);
  });

  it("that was said last comes first, and may leave a request to the others", async () => {
    const registry = await startRegistry({ repositories: { a: ["x"] } });
    registry.rule({ path: list, reply: { status: 500 } });
    registry.rule({ path: list, reply: ({ query }) => (query === "n=1" ? { status: 429 } : undefined) });
    expect(await asked(`${registry.origin}${list}?n=1`)).toBe(429);
    expect(await asked(`${registry.origin}${list}?n=2`)).toBe(500);
  });

  it("may be a connection that is closed, and that is no answer", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, times: 1, reply: "reset" });
    expect(await asked(registry.origin + list, { method: "POST", body: "once" })).toBe("closed");
    expect(await registry.requests[0]?.ended).toBe("closed");
  });

  it("may be an answer that never comes, which is seen to be given up", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: "hang" });
    const controller = new AbortController();
    const asking = asked(registry.origin + list, { signal: controller.signal });
    await registry.arrival(list);
    controller.abort();
    expect(await asking).toBe("closed");
    expect(await registry.requests[0]?.ended).toBe("closed");
  });

  it("may be anything that a test writes", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: { raw: (response) => void response.socket?.end("220 mail") } });
    expect(await asked(registry.origin + list)).toBe("closed");
  });

  it("may be an error as the specification writes it", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: failure(403, "DENIED", "no", { "x-header": ["a", "b"] }) });
    const response = await fetch(registry.origin + list);
    expect(response.status).toBe(403);
    expect(response.headers.get("x-header")).toBe("a, b");
    expect(await response.json()).toEqual({ errors: [{ code: "DENIED", message: "no", detail: null }] });
  });

  it("is the same on every run: tokens, digests, pages and order", async () => {
    const run = async () => {
      const registry = await startRegistry({
        repositories: { a: ["z", "y", "x"] },
        login: "token",
        users: { u: "p" },
        maxPage: 2,
      });
      const { token } = (await (await fetch(`${registry.origin}/token`)).json()) as { token: string };
      const headers = { authorization: `Bearer ${token}` };
      const page = await fetch(`${registry.origin}${list}?n=5`, { headers });
      const manifest = await fetch(`${registry.origin}/v2/a/manifests/x`, { headers });
      registry.revokeTokens();
      const refused = await asked(registry.origin + list, { headers });
      return {
        token,
        refused,
        link: page.headers.get("link"),
        tags: await page.json(),
        digest: manifest.headers.get("docker-content-digest"),
        requests: registry.requests.map(({ method, path, query }) => `${method} ${path} ${query}`),
      };
    };
    const first = await run();
    expect(first).toMatchObject({ token: "token-1", refused: 401, tags: { name: "a", tags: ["x", "y"] } });
    expect(await run()).toEqual(first);
  });
});
