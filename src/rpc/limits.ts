/**
 * The limits of requests (architecture 1, "Limits"). Beyond them a request is refused, never cut.
 */

const mebibyte = 1024 * 1024;

/** The most bytes of any request. */
export const largestRequest = 64 * mebibyte;

/** The most bytes of a request of a method, by its name. */
export function requestLimit(method: string): number {
  if (method === "UpdateImages") return largestRequest; // holds a node cache
  if (method === "PrepulledImages") return 6 * mebibyte; // may name 20,000 nodes
  return 64 * 1024;
}

/** Nodes in a node cache or in a question. */
export const maxNodes = 20_000;
/** Newest images of a type that can be wanted. */
export const maxCount = 1_000;
/** Pinned tags, and alias tags, of one request. */
export const maxNames = 100;
/** The largest cycle: as large as a number in a tag. */
export const maxCycle = 2_147_483_647;
