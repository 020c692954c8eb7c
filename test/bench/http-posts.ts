/**
 * The calls of the HTTP port that are measured: those of the gRPC port whose answers differ most in size, in both forms.
 */
import { type DescMessage, fromBinary, toJsonString } from "@bufbuild/protobuf";
import * as pb from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { serviceName } from "./raw-call.ts";
import { type Case, menuCase, tagCase } from "./recordings.ts";

export interface Post {
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  readonly bodies: readonly Uint8Array[];
}

const measured: readonly (readonly [Case, DescMessage])[] = [
  [menuCase("MenuImages, 100 images", "hundred"), pb.MenuImagesRequestSchema],
  [tagCase, pb.ImageForTagNameRequestSchema],
];

export const posts: readonly Post[] = measured.flatMap(([{ name, method, requests }, schema]) => {
  const path = `/${serviceName}/${method}`;
  const json = requests.map((bytes) => Buffer.from(toJsonString(schema, fromBinary(schema, bytes))));
  return [
    { name: `${name}, JSON`, path, contentType: "application/json", bodies: json },
    { name: `${name}, binary`, path, contentType: "application/proto", bodies: requests },
  ];
});

/** Asks a server; fails where an answer is none. */
export async function recordPost(
  address: string,
  { path, contentType, bodies }: Post,
): Promise<Uint8Array[]> {
  const answers: Uint8Array[] = [];
  for (const body of bodies) {
    const response = await fetch(`http://${address}${path}`, {
      method: "POST",
      headers: { "content-type": contentType },
      body: new Uint8Array(body),
    });
    if (!response.ok) throw new Error(`${path} on HTTP: status ${response.status} ${await response.text()}`);
    answers.push(new Uint8Array(await response.arrayBuffer()));
  }
  return answers;
}
