/**
 * The first minute of a new user: the service without a configuration serves a demonstration that needs nothing else.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ImageType } from "../../gen/imagesource/v1/image_pb.ts";
import { clients, ways } from "./support/clients.ts";
import { ready } from "./support/health.ts";
import { root, tools } from "./support/paths.ts";
import { listens } from "./support/ports.ts";
import { type Runtime, runtimes, type Service, startService } from "./support/service.ts";
import { until } from "./support/until.ts";

const place = { port: 50051, httpPort: 8080 }; // the defaults
const { port, httpPort } = place;

describe.each(Object.keys(runtimes) as Runtime[])("the demonstration under %s", (runtime) => {
  let service: Service;

  beforeAll(async () => {
    await until(
      `ports ${port} and ${httpPort}, which the demonstration needs, to be free`,
      async () => !(await listens(port)) && !(await listens(httpPort)),
    );
    service = await startService(runtime, place);
    await ready(service);
  });

  afterAll(() => service?.program.kill());

  it("prints commands to try, which work", async () => {
    const lines = service.program
      .output()
      .split("\n")
      .map((line) => line.trim().replace(/^\$ /, ""));
    const commands = lines.filter((line) => /^(grpcurl|curl|npx|node_modules\/\.bin\/buf) /.test(line));
    expect(commands.length).toBeGreaterThanOrEqual(3);
    for (const command of commands) {
      const { stdout } = await promisify(execFile)(
        "bash",
        ["-c", command.replace(/^grpcurl/, tools.grpcurl)],
        { cwd: root },
      );
      expect(stdout, command).not.toBe("");
    }
  });

  describe.each(ways)("asked by %s", (way) => {
    const ask = clients(place)[way];

    it("has one static source", async () => {
      const { sources } = await ask.listSources({});
      expect(sources).toHaveLength(1);
      expect(sources[0]).toMatchObject({
        type: "static",
        warnings: [],
        snapshot: { stale: false, lastError: "" },
      });
      expect(sources[0]?.snapshot?.tagCount).toBeGreaterThanOrEqual(50);
      expect(sources[0]?.snapshot?.nodeCount).toBeGreaterThanOrEqual(1);
    });

    it("has images of every type in its menu, in order, some of them prepulled", async () => {
      const { images } = await ask.menuImages({});
      const types = images.map(({ type }) => type);
      expect(types).toEqual([...types].sort((a, b) => a - b));
      expect(new Set(types)).toEqual(
        new Set([
          ImageType.ALIAS,
          ImageType.RELEASE,
          ImageType.WEEKLY,
          ImageType.DAILY,
          ImageType.RELEASE_CANDIDATE,
          ImageType.EXPERIMENTAL,
          ImageType.UNKNOWN,
        ]),
      );
      expect(images.filter(({ prepulled }) => prepulled)).not.toEqual([]);
      expect(images.filter(({ recommended }) => recommended)).toHaveLength(1);
    });

    it("has something on its nodes, and something missing there", async () => {
      const { images } = await ask.prepulledImages({});
      expect(images.filter(({ nodes }) => nodes.length > 0)).not.toEqual([]);
      expect(images.filter(({ missing }) => missing.length > 0)).not.toEqual([]);
    });

    it("chooses, and finds what it chose by tag and by reference", async () => {
      const { images } = await ask.updateImages({});
      expect(images).not.toEqual([]);
      for (const image of images) {
        expect((await ask.imageForTagName({ tagName: image.tag })).image).toEqual(image);
        expect((await ask.imageForReference({ reference: image.reference })).image).toEqual(image);
      }
    });

    it("takes a mark", async () => {
      const { images } = await ask.menuImages({});
      const { reference = "" } = images.find(({ digest }) => digest) ?? {};
      expect((await ask.markPrepulled({ reference, node: "another-node" })).applied).toBe(true);
    });
  });

  it.each([
    ["healthz", /^ok$/m],
    ["readyz", /^ok$/m],
    ["metrics", /^image_source_tags\{source="demo"\} \d\d$/m],
    ["metrics", /^grpc_server_handled_total\{.*grpc_method="MenuImages",grpc_code="OK"\} \d+$/m],
    ["metrics", /^process_resident_memory_bytes \d{7,}$/m],
  ])("has /%s for operators, with %s", async (page, line) => {
    const response = await fetch(`http://127.0.0.1:${httpPort}/${page}`);
    expect([response.status, await response.text()]).toEqual([200, expect.stringMatching(line)]);
  });

  it("ends well at SIGTERM", async () => {
    expect(await service.program.end("SIGTERM")).toBe(0);
    expect(await listens(port)).toBe(false);
  });
});
