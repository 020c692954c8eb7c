/**
 * A spawner in a terminal: shows the menu, takes a choice, and prints the pod to start. It starts nothing.
 *
 *   IMAGE_SOURCE_ADDRESS=127.0.0.1:50051 node spawner.ts
 *
 * The menu and all remarks go to stderr; stdout has the pod alone.
 */
import { createInterface } from "node:readline";
import type { Image } from "image-source/client";
import { type ImageSource, openImageSource } from "./image-source.ts";
import { reasonOf } from "./persist.ts";
import { podFor } from "./pod.ts";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** Asks until an image is chosen that is there. */
async function choose(source: ImageSource): Promise<Image> {
  for (;;) {
    const { reference } = await ask(await source.menu());
    try {
      return await source.resolve(reference);
    } catch (error) {
      switch (reasonOf(error)) {
        case "DIGEST_MISMATCH": // another image has the name now: the person decides, with the new menu
          console.error("This tag has moved since the menu was made. Here is the menu of now.");
          break;
        case "UNKNOWN_IMAGE": // deleted since
          console.error("This image is not there any more. Choose another one.");
          break;
        default:
          throw error;
      }
    }
  }
}

type Menu = Awaited<ReturnType<ImageSource["menu"]>>;

/** The entry that the person names by its tag. */
async function ask(menu: Menu): Promise<Menu[number]> {
  for (const { tag, name, recommended, prepulled } of menu) {
    const remarks = [recommended && "recommended", prepulled && "starts at once"].filter(Boolean).join(", ");
    console.error(`  ${tag}: ${name}${remarks && ` (${remarks})`}`);
  }
  for (;;) {
    console.error("Which tag?");
    const { done, value } = await lines.next();
    if (done) throw new Error("nothing was chosen");
    const chosen = menu.find(({ tag }) => tag === value.trim());
    if (chosen) return chosen;
    console.error(`The menu has no ${value.trim()}.`);
  }
}

try {
  const source = openImageSource({
    address: process.env.IMAGE_SOURCE_ADDRESS ?? "127.0.0.1:50051",
    seconds: Number(process.env.IMAGE_SOURCE_PATIENCE ?? 60),
  });
  console.log(JSON.stringify(podFor("alice", await choose(source)), null, 2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit(); // stdin would keep it waiting
