/**
 * The two questions that a spawner has for image-source. Each is asked until it is answered or its time is over; what
 * an answer means for the person who waits is not decided here.
 */
import { type CallOptions, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type Image, ImageSourceService, type MenuImage } from "image-source/client";
import { Http2Connection } from "image-source/connection";
import { persist } from "./persist.ts";

export interface ImageSource {
  /** The images to show, in the order to show them. */
  menu(): Promise<readonly MenuImage[]>;
  /** What was chosen, as it is now: with its digest. */
  resolve(reference: string): Promise<Image>;
}

export interface ImageSourceOptions {
  /** `host:port` */
  readonly address: string;
  /** How long a question may take, with all its attempts. Longer than a restart of the service does. */
  readonly seconds: number;
}

/** Connects when the first question is asked, and anew where the connection was lost. */
export function openImageSource({ address, seconds }: ImageSourceOptions): ImageSource {
  const baseUrl = `http://${address}`;
  // In place of Connect's own connection, which does not hear every error of a service that is away for a while: on Deno
  // that ends the process.
  const connection = new Http2Connection(baseUrl);
  const client = createClient(
    ImageSourceService,
    createGrpcTransport({ baseUrl, sessionManager: connection }),
  );
  const untilAnswered = <T>(call: (options: CallOptions) => Promise<T>) =>
    persist(call, { seconds, onSilence: () => connection.renew() });
  return {
    async menu() {
      return (await untilAnswered((options) => client.menuImages({}, options))).images;
    },
    async resolve(reference) {
      const { image } = await untilAnswered((options) => client.imageForReference({ reference }, options));
      if (!image) throw new Error(`no image in the answer for ${reference}`);
      return image;
    },
  };
}
