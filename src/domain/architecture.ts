/**
 * Architectures as tags spell them, and as Kubernetes does.
 */

/** The spellings that count in tags without a grammar of their own, where `-image` is part of a name. */
export const knownArchitectures: readonly string[] = [
  "386",
  "amd64",
  "arm",
  "arm64",
  "aarch64",
  "armv5",
  "armv6",
  "armv7",
  "loong64",
  "mips64le",
  "ppc64le",
  "riscv64",
  "s390x",
];

/** Names that a node gives to what a tag spells otherwise. */
const nodeNames: Readonly<Record<string, string>> = {
  aarch64: "arm64",
  armv5: "arm",
  armv6: "arm",
  armv7: "arm",
};

/** Whether an image can run on a node. Where either tells no architecture, it can. */
export function fitsArchitecture(ofImage: string | undefined, ofNode: string): boolean {
  if (ofImage === undefined || ofNode === "") return true;
  return nodeName(ofImage) === nodeName(ofNode);
}

function nodeName(architecture: string): string {
  return Object.hasOwn(nodeNames, architecture) ? (nodeNames[architecture] ?? architecture) : architecture;
}
