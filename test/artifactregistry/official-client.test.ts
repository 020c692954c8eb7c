/** That the fake of Artifact Registry is honest: Google's own client reads from it what our reader does. */

import { Code } from "@connectrpc/connect";
import { ArtifactRegistryClient } from "@google-cloud/artifact-registry";
import { credentials } from "@grpc/grpc-js";
import { PassThroughClient } from "google-auth-library";
import { expect, it, onTestFinished } from "vitest";
import { failureOf } from "../registry/reader.ts";
import { type FakeArtifactRegistry, failure, imageOf, parent } from "../support/artifact-registry.ts";
import { sha } from "../support/domain.ts";
import { listAll, readerOf, startRegistry } from "./reader.ts";

function officialClient({ port }: FakeArtifactRegistry): ArtifactRegistryClient {
  const client = new ArtifactRegistryClient({
    apiEndpoint: "127.0.0.1",
    port,
    sslCreds: credentials.createInsecure(),
    // Else it would ask the metadata server's address who it is, and of what cloud.
    authClient: new PassThroughClient(),
    universeDomain: "googleapis.com",
  });
  onTestFinished(() => client.close());
  return client;
}

async function lab(): Promise<FakeArtifactRegistry> {
  const registry = await startRegistry({ maxPage: 2 });
  const uploadTime = Date.parse("2077-10-28T12:34:56.789Z");
  registry.images.push(
    imageOf(sha("a"), { tags: ["w_1", "latest"], size: 9_007_199_254_740_991n, uploadTime }),
    imageOf(sha("b"), { tags: ["w_2"], size: 5n, platforms: [sha("c"), sha("d")] }),
    imageOf(sha("c")),
    imageOf(sha("d"), { tags: ["w_3"], uploadTime: uploadTime + 1 }),
    imageOf(sha("e"), { tags: ["w_4"] }),
  );
  return registry;
}

it("the official client lists the images that our reader lists, and asks as it does", async () => {
  const registry = await lab();
  const ours = await listAll(readerOf(registry));
  const asked = registry.requests.splice(0);

  const [images] = await officialClient(registry).listDockerImages({ parent, pageSize: 1_000 });
  const theirs = images.flatMap((image) =>
    (image.tags ?? []).map((name) => ({
      name,
      digest: image.uri?.split("@")[1],
      size: Number(image.imageSizeBytes) || undefined,
      uploadTime:
        image.uploadTime === null
          ? undefined
          : Number(image.uploadTime?.seconds) * 1000 + Number(image.uploadTime?.nanos) / 1e6,
      platforms: (image.imageManifests ?? []).map(({ digest }) => digest),
    })),
  );
  expect(ours.tags).toEqual(theirs);
  expect(theirs).toHaveLength(5);

  const question = (requests: FakeArtifactRegistry["requests"]) =>
    requests.map(({ parent, pageSize, pageToken, headers }) => ({
      parent,
      pageSize,
      pageToken,
      routing: headers.get("x-goog-request-params"),
    }));
  expect(question(asked)).toEqual(question(registry.requests));
  expect(asked).toHaveLength(3);
});

it("case 134: both name the repository in the header by which the API routes", async () => {
  const registry = await lab();
  await listAll(readerOf(registry));
  await officialClient(registry).listDockerImages({ parent });
  const routes = registry.requests.map(({ headers }) => headers.get("x-goog-request-params"));
  expect(new Set(routes)).toEqual(new Set([`parent=${encodeURIComponent(parent)}`]));
});

it("case 130: the official client tells a size as text", async () => {
  const registry = await lab();
  const [images] = await officialClient(registry).listDockerImages({ parent });
  expect(images[0]?.imageSizeBytes).toBe("9007199254740991");
});

it.each([
  [Code.Unavailable, "Authentication server unavailable"],
  [Code.Internal, "Internal error encountered."],
])("case 131: where the official client gives up, our reader goes on: %s", async (code, message) => {
  const registry = await lab();
  const reply = () => registry.reply("answer", failure(code, message));
  reply();
  const error = await failureOf(officialClient(registry).listDockerImages({ parent }));
  expect(error).toMatchObject({ code, details: message });
  registry.requests.splice(0);
  reply();
  expect((await listAll(readerOf(registry))).names).toEqual(["w_1", "latest", "w_2", "w_3", "w_4"]);
  expect(registry.requests).toHaveLength(4);
});

it.each([
  ["a page token that is none", { pageToken: "none" }, Code.InvalidArgument],
  [
    "a repository that has nothing",
    { parent: "projects/p/locations/us-central1/repositories/other" },
    undefined,
  ],
])("the official client is answered about %s", async (_, parts, code) => {
  const registry = await lab();
  const listing = officialClient(registry).listDockerImages({ parent, ...parts }, { autoPaginate: false });
  if (code === undefined) expect((await listing)[0]).toEqual([]);
  else expect(await failureOf(listing)).toMatchObject({ code });
});
