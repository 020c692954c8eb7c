/**
 * What Node has compiled, kept for the next start, where NODE_COMPILE_CACHE says where, as `npm start` does. Reading
 * TypeScript and compiling it is otherwise a third of a start, and what reads it stays in memory.
 */
import * as module from "node:module";

/** Node writes it when the process ends well, which one that is killed never does. A directory that cannot be written is no error. */
export function keepCompiledCode(): void {
  module.flushCompileCache?.(); // not on Deno, which keeps what it compiles by itself
}
