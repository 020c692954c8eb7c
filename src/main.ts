#!/usr/bin/env node
/**
 * The program: from arguments to a command to an exit code. 0: well; 1: failed; 2: used wrongly.
 */
import process from "node:process";
import { run } from "./cli/run.ts";

process.exitCode = await run(process.argv.slice(2));
process.exit();
