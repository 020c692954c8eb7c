/**
 * What a source knows, as lines that outlive the process: listing, resolved digests, node cache, marks and version.
 *
 * Tags are stored as the registry has them, and understood again. Neither reads nor writes files, and decides nothing
 * about what is restored: options and filter are those of the process that reads.
 */
import { inTurns } from "../async/in-turns.ts";
import type { ListedTag } from "../domain/image.ts";
import { addMark, allMarks, type Marks, noMarks } from "../domain/marks.ts";
import type { Node, NodeCache } from "../domain/node-cache.ts";
import { compareListed } from "../domain/order.ts";
import { rspTags } from "../domain/rsp-tags.ts";
import { type Steps, sorting } from "../domain/steps.ts";
import type { Digests } from "./digests.ts";
import type { KnownTags } from "./listing.ts";
import { type Head, type Row, readHead, readRow, show, writeHead, writeRow } from "./stored-rows.ts";

/** Whose state it is: that of another one is of no use. */
export interface StateOwner {
  readonly type: string;
  readonly registry: string;
  readonly repository: string;
}

export interface StoredListing {
  /** As the registry lists them. */
  readonly known: KnownTags;
  /** Of tags that the listing tells none of. */
  readonly digests: Digests;
  /** When the registry was listed, milliseconds since the epoch. */
  readonly time: number;
}

export interface StoredState {
  readonly version: number;
  /** Undefined: the registry has never been listed. */
  readonly listing: StoredListing | undefined;
  /** Undefined: nobody has told of nodes. */
  readonly nodeCache: NodeCache | undefined;
  readonly marks: Marks;
}

/** Each line is made when it is asked for: well under a millisecond of work. */
export function* writeState(owner: StateOwner, state: StoredState): Generator<string> {
  const { type, registry, repository } = owner;
  const { version, listing, nodeCache, marks } = state;
  const times = {
    ...(listing && { listTime: listing.time }),
    ...(nodeCache && { readTime: nodeCache.readTime }),
  };
  yield writeHead({ type, registry, repository, version, ...times });
  let rows = 0;
  for (const row of rowsOf(listing, nodeCache, marks)) {
    yield writeRow(row);
    rows += 1;
  }
  yield writeRow({ is: "end", rows });
}

function* rowsOf(
  listing: StoredListing | undefined,
  nodeCache: NodeCache | undefined,
  marks: Marks,
): Generator<Row> {
  for (const { tag, digest, size, uploadTime, platforms } of listing?.known.tags ?? []) {
    const several = platforms.length > 0 ? [...platforms] : undefined;
    yield { is: "tag", name: tag.text, digest, size, uploadTime, platforms: several };
  }
  for (const [tag, digest] of listing?.digests ?? []) yield { is: "digest", tag, digest };
  for (const { images, ...node } of nodeCache?.nodes ?? []) {
    yield { is: "node", ...node, images: images.map(({ names, size }) => ({ names: [...names], size })) };
  }
  for (const mark of allMarks(marks)) yield { is: "mark", ...mark };
}

/**
 * In turns, so that the process answers calls in between. `now` is milliseconds since the epoch: nothing can have been
 * later. Fails with a sentence about what is wrong.
 */
export async function readState(
  lists: AsyncIterable<readonly string[]>,
  owner: StateOwner,
  now: number,
): Promise<StoredState> {
  const reading = new StateReading(owner, now);
  for await (const lines of lists) await inTurns(reading.add(lines));
  return inTurns(reading.end());
}

class StateReading {
  readonly #owner: StateOwner;
  readonly #now: number;
  #head: Head | undefined;
  #rows = 0;
  #hasEnded = false;
  readonly #tags = new Map<string, ListedTag>();
  readonly #digests = new Map<string, string>();
  readonly #nodes = new Map<string, Node>();
  #marks = noMarks;

  constructor(owner: StateOwner, now: number) {
    this.#owner = owner;
    this.#now = now;
  }

  *add(lines: readonly string[]): Steps<void> {
    for (const line of lines) {
      try {
        if (!this.#head) this.#begin(readHead(line));
        else this.#take(readRow(line), this.#head);
      } catch (error) {
        const place = this.#head ? this.#rows + 2 : 1;
        throw new Error(`line ${place} ${error instanceof Error ? error.message : String(error)}`);
      }
      yield;
    }
  }

  *end(): Steps<StoredState> {
    if (!this.#head) throw new Error("it is empty");
    if (!this.#hasEnded) throw new Error(`it ends after line ${this.#rows + 1}: only half of it was written`);
    const { version, listTime, readTime } = this.#head;
    return {
      version,
      listing: listTime === undefined ? undefined : yield* this.#listing(this.#past(listTime)),
      nodeCache:
        readTime === undefined
          ? undefined
          : { nodes: [...this.#nodes.values()], readTime: this.#past(readTime) },
      marks: this.#marks,
    };
  }

  /** The order is not believed: listings are merged with what they are, which has to be sorted. */
  *#listing(time: number): Steps<StoredListing> {
    const tags = yield* sorting([...this.#tags.values()], (a, b) => compareListed(a.tag, b.tag));
    return { known: { tags, byName: this.#tags }, digests: this.#digests, time };
  }

  #begin(head: Head): void {
    for (const key of ["type", "registry", "repository"] as const) {
      if (head[key] === this.#owner[key]) continue;
      throw new Error(
        `is of another ${key}: ${show(head[key])}, and the source's is ${show(this.#owner[key])}`,
      );
    }
    this.#head = head;
  }

  #take(row: Row, { listTime, readTime }: Head): void {
    if (this.#hasEnded) throw new Error("stands behind the end");
    if (row.is === "end") {
      if (row.rows !== this.#rows) throw new Error(`counts ${row.rows} rows, and there are ${this.#rows}`);
      this.#hasEnded = true;
      return;
    }
    if (row.is === "node" ? readTime === undefined : listTime === undefined) {
      throw new Error(`is a ${row.is}, and the first line tells no time of its reading`);
    }
    this.#keep(row);
    this.#rows += 1;
  }

  #keep(row: Exclude<Row, { is: "end" }>): void {
    switch (row.is) {
      case "tag": {
        const { name, digest, size, uploadTime, platforms = [] } = row;
        once(this.#tags, name, { tag: rspTags.parse(name), digest, size, uploadTime, platforms });
        break;
      }
      case "digest":
        once(this.#digests, row.tag, row.digest);
        break;
      case "node": {
        const { is: _, createTime, ...node } = row;
        once(this.#nodes, node.name, { ...node, createTime });
        break;
      }
      case "mark": {
        const { key, node, size, time } = row;
        this.#marks = addMark(this.#marks, { key, node, size, time: this.#past(time) });
      }
    }
  }

  /** A clock that was ahead is no reason to believe for longer what it dated. */
  #past(time: number): number {
    return Math.min(time, this.#now);
  }
}

function once<T>(map: Map<string, T>, name: string, value: T): void {
  if (map.has(name)) throw new Error(`names ${name} a second time`);
  map.set(name, value);
}
