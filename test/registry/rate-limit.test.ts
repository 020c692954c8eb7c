import { describe, expect, it } from "vitest";
import { rateLimit } from "../../src/registry/rate-limit.ts";
import { never, readerOf, recordedLog, startRegistry } from "./reader.ts";

describe("case 92: the requests that are left", () => {
  it.each([
    [
      "as Docker Hub tells them",
      {
        "ratelimit-limit": "100;w=21600",
        "ratelimit-remaining": "76;w=21600",
        "docker-ratelimit-source": "192.0.2.1",
      },
      { limit: 100, remaining: 76, window: 21600, source: "192.0.2.1" },
    ],
    [
      "without a window",
      { "ratelimit-limit": "100", "ratelimit-remaining": "0" },
      { limit: 100, remaining: 0 },
    ],
    ["without a limit", { "ratelimit-remaining": "7;w=60" }, { limit: 7, remaining: 7, window: 60 }],
    ["where nothing is told", {}, undefined],
    ["where only the limit is told", { "ratelimit-limit": "100;w=21600" }, undefined],
    ["where nonsense is told", { "ratelimit-remaining": "many" }, undefined],
  ])("%s", (_, headers, expected) => {
    expect(rateLimit(headers)).toEqual(expected);
  });

  it("are told of in the log when there are none, once", async () => {
    const registry = await startRegistry({ repositories: { "lab/image": ["a"] } });
    const headers = {
      "ratelimit-remaining": "0;w=21600",
      "docker-content-digest": `sha256:${"a".repeat(64)}`,
    };
    registry.rule({ path: /manifests/, reply: { status: 200, headers } });
    const log = recordedLog();
    const reader = readerOf(registry, { log });
    await reader.resolve("a", never);
    await reader.resolve("a", never);
    expect(log.text()).toMatch(
      /^warn requests that are left \{.*"remaining":0.*\ndebug requests that are left/,
    );
  });
});
