/** Replies that are kept: for whom, until when, within which bounds. */
import { describe, expect, it } from "vitest";
import { ReplyCache } from "../../src/servers/reply-cache.ts";

function cache(maxBytes?: number) {
  let epoch = 0;
  const replies = new ReplyCache({ epoch: () => epoch, ...(maxBytes && { maxBytes }) });
  const [menu, other] = [replies.of("MenuImages"), replies.of("ListSources")];
  const move = () => {
    epoch += 1;
  };
  return { menu, other, move };
}
const bytes = (text: string) => Buffer.from(text, "latin1");

describe("a reply is kept", () => {
  it("for the same bytes and the same method, and for no others", () => {
    const { menu, other } = cache();
    menu.set(bytes("\0\xff"), bytes("reply"));
    expect(menu.get(bytes("\0\xff"))).toEqual(bytes("reply"));
    for (const request of ["", "\0", "\0\xfe", "\0\xff\0"]) expect(menu.get(bytes(request))).toBeUndefined();
    expect(other.get(bytes("\0\xff"))).toBeUndefined();
  });

  it("until the epoch moves", () => {
    const { menu, other, move } = cache();
    for (const replies of [menu, other]) replies.set(bytes("a"), bytes("old"));
    move();
    expect([menu.get(bytes("a")), other.get(bytes("a"))]).toEqual([undefined, undefined]);
    menu.set(bytes("a"), bytes("new"));
    expect(menu.get(bytes("a"))).toEqual(bytes("new"));
  });

  it("also where it is the first thing that is asked after a move", () => {
    const { menu, move } = cache();
    menu.set(bytes("a"), bytes("old"));
    move();
    menu.set(bytes("b"), bytes("new"));
    expect([menu.get(bytes("a")), menu.get(bytes("b"))]).toEqual([undefined, bytes("new")]);
  });

  it("not for a request that nobody else would send", () => {
    const { menu } = cache();
    for (const [length, isKept] of [
      [1_024, true],
      [1_025, false],
    ] as const) {
      menu.set(Buffer.alloc(length), bytes("reply"));
      expect(menu.get(Buffer.alloc(length)) !== undefined).toBe(isKept);
    }
  });

  it("within a bound of bytes: what was asked last stays", () => {
    const { menu } = cache(10_000);
    for (let index = 0; index < 100; index += 1) menu.set(bytes(`${index}`), Buffer.alloc(1_000));
    const left = Array.from({ length: 100 }, (_, index) => index).filter((i) => menu.get(bytes(`${i}`)));
    expect(left).toEqual([92, 93, 94, 95, 96, 97, 98, 99]);
    menu.set(bytes("large"), Buffer.alloc(20_000));
    expect(menu.get(bytes("large"))).toBeUndefined();
  });
});
