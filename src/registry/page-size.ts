/**
 * How many tags to ask for in one page. Some registries refuse what others need; what a host takes is remembered.
 */
import type { Answer } from "./exchange.ts";
import type { HostState } from "./host-state.ts";
import { registryErrors } from "./registry-errors.ts";

const smaller = 100;
/** No number at all, and the registry's own page size. */
const unsaid = 0;

// What registries say: distribution, Quay, ECR.
const refusals = ["PAGINATION_NUMBER_INVALID", "TOO_MANY_TAGS_REQUESTED", "UNSUPPORTED"];

/** Whether an answer means that the page was too large. Remembers the next smaller one for the host if so. */
export function refusesPageSize(answer: Answer, size: number, host: HostState): boolean {
  if (size === unsaid || ![400, 405, 413].includes(answer.status)) return false;
  if (!registryErrors(answer.body).codes.some((code) => refusals.includes(code))) return false;
  host.pageSize = size > smaller ? smaller : unsaid;
  return true;
}
