/**
 * What the service says of one image: on which nodes it is.
 */
import type { Ask } from "../../e2e/support/clients.ts";

/**
 * Names of the nodes that hold the image, sorted; none where it is not known. Those asked about are all that were
 * eligible when the prepuller last told the service of them, or the named ones.
 */
export async function holders(ask: Ask, digest: string, nodes: string[] = []): Promise<readonly string[]> {
  const { images } = await ask.prepulledImages({ nodes });
  return images.find((image) => image.digest === digest)?.nodes ?? [];
}
