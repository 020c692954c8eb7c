/**
 * Prints how many tests a vitest report (its JSON) counts as passed and as failed. What was neither, skipped for
 * instance because a hook before it failed, counts as failed. Ends with 1 where there is no report, or no test in it.
 *
 * Plain JavaScript, since it runs on whatever Node the machine has.
 */
import { readFileSync } from "node:fs";

const [file = ""] = process.argv.slice(2);
const { numTotalTests, numPassedTests } = JSON.parse(readFileSync(file, "utf8"));
if (!(numTotalTests > 0)) {
  console.error(`no test ran: ${file}`);
  process.exit(1);
}
console.log(`${numPassedTests} ${numTotalTests - numPassedTests}`);
