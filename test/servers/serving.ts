/**
 * A program that serves a configuration, for tests that run it on another runtime; it looks at its files often. Says
 * where both ports listen as its first line, and what it logs on stderr. What nobody catches ends it, as it would end the real
 * one.
 */
import { startServer } from "../../src/app/server.ts";
import { parseConfig } from "../../src/config/parse.ts";
import { createLogger } from "../../src/observability/logger.ts";

const [text = ""] = process.argv.slice(2);
const config = parseConfig(text, { directory: "/", isTerminal: false, now: Date.now() });
const server = await startServer(config, createLogger({ level: "info", format: "json" }), { intervalMs: 20 });
console.log(`${server.address} ${server.httpAddress}`);
