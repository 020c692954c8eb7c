/**
 * The RPCs. Each one reads its request, asks a source, writes its response.
 *
 * What goes wrong becomes a status in one place, for every transport. A method that need not wait returns a value and
 * no promise, so that a server can keep its reply.
 */
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from "@connectrpc/connect";
import type { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import type { ImageAnswer } from "../domain/answers.ts";
import type { Catalog, Source } from "./catalog.ts";
import { toConnectError } from "./errors.ts";
import {
  imageMessage,
  menuImageMessage,
  prepulledImageMessage,
  snapshotMessage,
  sourceMessage,
} from "./messages.ts";
import {
  readImageForReference,
  readImageForTagName,
  readMarkPrepulled,
  readPrepulledImages,
  readSource,
  readUpdateImages,
} from "./requests.ts";

type Service = ServiceImpl<typeof ImageSourceService>;

/** `onBug` is told of what nobody foresaw; callers are told only that there was something. */
export function imageSourceService(catalog: Catalog, onBug: (error: unknown) => void): Service {
  const service: Service = {
    async updateImages(request, { signal }) {
      const { source: name, ...update } = readUpdateImages(request, Date.now());
      const source = catalog.source(name);
      const { images, snapshot, warnings } = await source.updateImages(update, signal);
      const { info } = source;
      return {
        images: images.map((image) => imageMessage(image, info)),
        snapshot: snapshotMessage(snapshot),
        warnings: [...warnings],
      };
    },

    imageForReference(request, { signal }) {
      const { source: name, reference } = readImageForReference(request);
      const source = catalog.source(name);
      return imageReply(source, source.imageForReference(reference, signal));
    },

    imageForTagName(request, { signal }) {
      const { source: name, tag } = readImageForTagName(request);
      const source = catalog.source(name);
      return imageReply(source, source.imageForTagName(tag, signal));
    },

    markPrepulled(request) {
      const { source, reference, node, size } = readMarkPrepulled(request);
      return { applied: catalog.source(source).markPrepulled(reference, node, size) };
    },

    menuImages(request) {
      const { images, snapshot } = catalog.source(readSource(request)).menuImages();
      return { images: images.map(menuImageMessage), snapshot: snapshotMessage(snapshot) };
    },

    prepulledImages(request) {
      const { source, nodes } = readPrepulledImages(request);
      const { images, snapshot } = catalog.source(source).prepulledImages(nodes, request.countsOnly);
      return { images: images.map(prepulledImageMessage), snapshot: snapshotMessage(snapshot) };
    },

    listSources() {
      return { sources: catalog.sources().map(sourceMessage) };
    },
  };
  return withStatus(service, onBug);
}

function imageReply({ info }: Source, answer: ImageAnswer | Promise<ImageAnswer>) {
  if (answer instanceof Promise) return answer.then((image) => ({ image: imageMessage(image, info) }));
  return { image: imageMessage(answer, info) };
}

/** Every method, failing with statuses only. Values stay values. */
function withStatus(service: Service, onBug: (error: unknown) => void): Service {
  const guarded = Object.entries(service).map(([name, method]) => {
    const call = method as (request: unknown, context: HandlerContext) => unknown;
    return [
      name,
      (request: unknown, context: HandlerContext) => {
        const rethrow = (error: unknown): never => {
          throw isLeaving(error, context)
            ? ConnectError.from(error, Code.Canceled)
            : toConnectError(error, onBug);
        };
        try {
          const reply = call(request, context);
          return reply instanceof Promise ? reply.catch(rethrow) : reply;
        } catch (error) {
          return rethrow(error);
        }
      },
    ];
  });
  return Object.fromEntries(guarded) as Service;
}

/** Whether a call ended because its caller has gone: transports say so in words of their own. */
function isLeaving(error: unknown, { signal }: HandlerContext): boolean {
  return signal.aborted && error === signal.reason;
}
