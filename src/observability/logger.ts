/**
 * The log: one line per event on stderr, JSON or text. What may be said in it is up to who says it.
 */
import pino, { type Logger as PinoLogger } from "pino";
import pretty from "pino-pretty";

export type Logger = PinoLogger;

export interface LogOptions {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "json" | "text";
}

const stderr = 2;

export function createLogger({ level, format }: LogOptions): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const destination =
    format === "json"
      ? pino.destination({ dest: stderr, sync: true }) // what a crash says must not be lost
      : pretty({
          destination: stderr,
          sync: true,
          singleLine: true,
          ignore: "pid,hostname",
          translateTime: "HH:MM:ss.l",
        });
  return pino(options, destination);
}
