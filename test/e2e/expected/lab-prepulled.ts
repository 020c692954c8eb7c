/**
 * What `PrepulledImages` answers for the source `lab`: the rows of the menu with aliases and presence.
 */
import * as menu from "./lab-menu.ts";
import type { Place, PrepulledTable, Presence } from "./rows.ts";

/** As configured. */
const aliases: PrepulledTable["aliases"] = {
  recommended: { target: "w_2077_43_c0045.003", all: ["w_2077_43_c0045.003"] },
  latest_release: { target: "r28_0_1", all: ["r28_0_1"] },
  r28_0_1: { all: ["latest_release"] },
  "w_2077_43_c0045.003": { all: ["recommended"] },
};

/** Node names by what they are to an image: those that hold it, those that do not, those of which it is not known. */
const on = (nodes: string, missing = "", unknown = ""): Presence => {
  const [a, b, c] = [nodes, missing, unknown].map((text) =>
    text
      .split(" ")
      .filter(Boolean)
      .map((name) => `node-${name}`),
  );
  return { nodes: a ?? [], missing: b ?? [], unknown: c ?? [] };
};

/** No node is known, and none is asked about. */
export const prepulledAtStart = (place: Place): PrepulledTable => ({
  rows: menu.menuAtStart(place),
  aliases,
  presence: {},
  others: on(""),
});

/** Asked about no node in particular: about the eligible ones, node-a and node-b. */
export const prepulledWithNodes = (place: Place): PrepulledTable => {
  const { digests: d } = place;
  return {
    rows: menu.menuWithNodes(place),
    aliases,
    presence: {
      [d.w43]: on("a b"),
      [d.r28]: on("a", "", "b"), // node-b tells only a part of what it has
      [d.w44]: on("a", "", "b"),
      [d.d31]: on("", "a", "b"),
      [d.d30]: on("", "a", "b"),
      [d.d29]: on("", "a", "b"),
    },
    others: on("", "", "a b"), // not resolved: unknown everywhere
  };
};

/** Asked about node-z, which is in no node cache, node-c, which is cordoned, node-a, and node-c again. */
export const askedNodes = ["node-z", "node-c", "node-a", "node-c"];

export const prepulledOfAskedNodes = (place: Place): PrepulledTable => {
  const { digests: d } = place;
  return {
    rows: menu.menuWithNodes(place),
    aliases,
    presence: {
      [d.w43]: on("a c", "", "z"),
      [d.r28]: on("a", "c", "z"),
      [d.w44]: on("a", "c", "z"),
      [d.d31]: on("c", "a", "z"),
      [d.d30]: on("", "a c", "z"),
      [d.d29]: on("", "a c", "z"),
    },
    others: on("", "", "a c z"),
  };
};

/** With the marks, asked about no node in particular. */
export const prepulledWithMarks = (place: Place): PrepulledTable => {
  const { digests: d } = place;
  const before = prepulledWithNodes(place);
  return {
    ...before,
    rows: menu.menuWithMarks(place),
    presence: { ...before.presence, [d.d31]: on("a", "", "b"), [d.d30]: on("b", "a") },
  };
};

/** With the marks, asked about node-z, node-c and node-a: the mark on node-z counts for those who ask for it. */
export const prepulledOfAskedNodesWithMarks = (place: Place): PrepulledTable => {
  const { digests: d } = place;
  const before = prepulledOfAskedNodes(place);
  return {
    ...before,
    rows: menu.menuWithMarks(place),
    presence: { ...before.presence, [d.r28]: on("a z", "c"), [d.d31]: on("a c", "", "z") },
  };
};

/** After the newer node cache: the mark on node-b is left. */
export const prepulledAfterMarks = (place: Place): PrepulledTable => {
  const { digests: d } = place;
  const before = prepulledWithNodes(place);
  return {
    ...before,
    rows: menu.menuAfterMarks(place),
    presence: { ...before.presence, [d.d30]: on("b", "a") },
  };
};

/** With a caller's options: two tags of one digest, neither of them an alias. */
export const prepulledWithOptions = (place: Place): PrepulledTable => {
  const { digests: d } = place;
  return {
    rows: menu.menuWithOptions(place),
    aliases: {
      "w_2077_43_c0045.003": { all: ["w_2077_43"] },
      w_2077_43: { all: ["w_2077_43_c0045.003"] },
    },
    presence: {
      [d.w43]: on("a b"),
      [d.r28]: on("a", "", "b"),
      [d.r27]: on("", "a", "b"),
      [d.w44]: on("a", "", "b"),
    },
    others: on("", "", "a b"),
  };
};
