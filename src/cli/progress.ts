/**
 * Shows on a terminal how far a round has come: a summary line, and some of the nodes that are pulling. Writes over
 * itself, so nothing else may write to that terminal meanwhile.
 */
import { clearScreenDown, moveCursor } from "node:readline";
import type { Progress } from "../app/prepuller.ts";

/** A `tty.WriteStream`, of which this is used. */
export interface Terminal extends NodeJS.WritableStream {
  readonly columns: number;
}

const intervalMs = 250;
const maxNodes = 10;

/** Shows it until the function that is given back is called, which leaves the last state standing. */
export function showProgress(progress: () => Progress | undefined, terminal: Terminal): () => void {
  let height = 0;
  const draw = (lines: readonly string[]) => {
    moveCursor(terminal, 0, -height);
    clearScreenDown(terminal);
    // A line that wraps would take two rows.
    for (const line of lines) terminal.write(`${line.slice(0, Math.max(20, terminal.columns - 1))}\n`);
    height = lines.length;
  };
  const show = () => {
    const now = progress();
    draw(now ? progressLines(now, Date.now()) : ["reading nodes and images …"]);
  };
  show();
  const timer = setInterval(show, intervalMs);
  let hasEnded = false;
  return () => {
    if (hasEnded) return; // what others wrote below since would be written over
    hasEnded = true;
    clearInterval(timer);
    show();
  };
}

/** `now` in milliseconds since the epoch. */
export function progressLines({ wanted, present, failed, underWay }: Progress, now: number): string[] {
  const shown = underWay.slice(0, maxNodes);
  const more = underWay.length - shown.length;
  return [
    `${present} of ${wanted} images done, ${underWay.length} under way, ${failed} failed`,
    ...shown.map(({ node, reference, since, isStuck }) => {
      const seconds = Math.max(0, Math.round((now - since) / 1000));
      return `  ${node}  ${withoutDigest(reference)}  ${seconds} s${isStuck ? "  stuck" : ""}`;
    }),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function withoutDigest(reference: string): string {
  return reference.split("@")[0] ?? reference;
}
