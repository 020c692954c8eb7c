/**
 * Whatever is sent to either port: the service lives, and answers the next call by every protocol.
 */
import { constants } from "node:http2";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { frame } from "../support/grpc-wire.ts";
import { generatedWays } from "./support/clients.ts";
import { grpcCall, grpcSession, httpStatus, pathOf, rawSocket, tokenOf } from "./support/wire.ts";
import { inEveryWorld } from "./support/world.ts";

const methods = ImageSourceService.methods.map(({ name }) => name);
const contentTypes = ["application/json", "application/proto", "application/grpc-web+proto"];

/** Bytes that are the same in every run: a failure can be repeated. */
function randomBytes(seed: number, length: number): Buffer {
  let state = seed + 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

/** 256 MiB, in 260 kB. */
const bomb = gzipSync(Buffer.alloc(256 << 20));

inEveryWorld((world) => {
  afterEach(async () => {
    world.service.program.mustRun();
    for (const way of generatedWays) {
      const { snapshot } = await world.ask[way].menuImages({});
      expect(snapshot?.source).toBe("lab");
    }
  });

  describe("the gRPC port", () => {
    it.each(methods)("random bytes for %s are no message, or one that is answered", async (method) => {
      for (let seed = 0; seed < 30; seed += 1) {
        const reply = await grpcCall(world.place, method, frame(randomBytes(seed, seed * 3)));
        expect([0, 3, 5, 8, 9, 14], `seed ${seed}`).toContain(reply?.code);
      }
    });

    it("bytes that are not even framed", async () => {
      for (let seed = 0; seed < 30; seed += 1)
        await grpcCall(world.place, "MenuImages", randomBytes(seed, 1 + seed * 50));
    });

    it.each(["text/plain", "application/json", "application/grpc+json", "application/grpc-web", undefined])(
      "the content type %s",
      async (type) => {
        const reply = await grpcCall(world.place, "MenuImages", frame(Buffer.alloc(0)), {
          "content-type": type,
        });
        // grpc-js says 415, which is a 200 without a gRPC status on Deno: clients call both a failure.
        expect(reply?.httpStatus === 415 || reply?.httpStatus === 200, JSON.stringify(reply)).toBe(true);
        if (!type?.startsWith("application/grpc")) expect(reply?.code).toBeUndefined();
      },
    );

    it.each([
      ["more than the method takes", frame(Buffer.alloc(100_000)), {}],
      ["4 GiB, so it says", frame(Buffer.alloc(10), { length: 0xffffffff }), {}],
      ["256 MiB once unpacked", frame(bomb, { compressed: true }), { "grpc-encoding": "gzip" }],
    ])("a message of %s is refused", async (_, body, headers) => {
      const reply = await grpcCall(world.place, "MenuImages", body, headers);
      expect(reply?.code).toBe(8);
    });

    it("a message of more than any method takes is cut off", async () => {
      // By grpc-js, with a reset that clients call RESOURCE_EXHAUSTED, where they are told at all.
      const reply = await grpcCall(world.place, "MenuImages", frame(Buffer.alloc(65 << 20)));
      expect(reply?.body.length ?? 0).toBe(0);
    });

    it("headers without an end", async () => {
      for (const length of [60_000, 200_000])
        await grpcCall(world.place, "MenuImages", frame(Buffer.alloc(0)), { "x-long": "a".repeat(length) });
    });

    it("3,000 resets on one connection", async () => {
      const session = await grpcSession(world.place);
      const headers = {
        ...{ ":method": "POST", ":path": pathOf("MenuImages"), "content-type": "application/grpc" },
        ...tokenOf(world.place),
      };
      let sent = 0;
      while (sent < 3_000 && !session.closed && !session.destroyed) {
        for (let count = 0; count < 100; count += 1) {
          try {
            const stream = session.request(headers);
            stream.on("error", () => {});
            stream.close(constants.NGHTTP2_CANCEL);
            sent += 1;
          } catch {
            break; // the connection is gone: the service has had enough
          }
        }
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(sent).toBeGreaterThan(500);
      session.destroy();
    });

    it("readers that read nothing", async () => {
      const session = await grpcSession(world.place, { settings: { initialWindowSize: 0 } });
      const headers = {
        ...{ ":method": "POST", ":path": pathOf("MenuImages"), "content-type": "application/grpc" },
        ...{ te: "trailers", ...tokenOf(world.place) },
      };
      for (let count = 0; count < 150; count += 1)
        session
          .request(headers)
          .on("error", () => {})
          .end(frame(Buffer.alloc(0)));
      for (const way of generatedWays)
        expect((await world.ask[way].menuImages({ source: "many" })).images.length).toBeGreaterThan(100);
      session.destroy();
    });
  });

  describe("the HTTP port", () => {
    it.each(methods.flatMap((method) => contentTypes.map((type) => [method, type] as const)))(
      "random bytes for %s as %s",
      async (method, type) => {
        for (let seed = 0; seed < 8; seed += 1) {
          const bytes = randomBytes(seed, seed * 5);
          const body = type.includes("grpc-web") ? frame(bytes) : bytes;
          const status = await httpStatus(world.place, pathOf(method), body, { "content-type": type });
          expect([200, 400, 404, 429, 500, 503], `seed ${seed}`).toContain(status);
        }
      },
    );

    it.each(["text/plain", "application/grpc", "image/png"])("the content type %s", async (type) => {
      expect(await httpStatus(world.place, pathOf("MenuImages"), "{}", { "content-type": type })).toBe(415);
    });

    it.each<[string, Buffer, Record<string, string>]>([
      ["more than the method takes", Buffer.alloc(100_000, " "), {}],
      ["more than any method takes", Buffer.alloc(65 << 20, " "), {}],
      ["256 MiB once unpacked", bomb, { "content-encoding": "gzip" }],
    ])("a message of %s is refused", async (_, body, headers) => {
      const all = { "content-type": "application/json", connection: "keep-alive", ...headers };
      expect(await httpStatus(world.place, pathOf("MenuImages"), body, all)).toBe(429);
    });

    it("headers without an end", async () => {
      const headers = { "content-type": "application/json", "x-long": "a".repeat(200_000) };
      expect([undefined, 431]).toContain(await httpStatus(world.place, pathOf("MenuImages"), "{}", headers));
    });

    it("readers that read nothing, and writers that send half of it", async () => {
      const { place } = world;
      const token = Object.entries(tokenOf(place)).map(([name, value]) => `${name}: ${value}\r\n`);
      const head = [
        `POST ${pathOf("MenuImages")} HTTP/1.1\r\nhost: 127.0.0.1\r\n${token.join("")}`,
        'content-type: application/json\r\ncontent-length: 17\r\n\r\n{"source":"many"}',
      ];
      const sockets = await Promise.all(Array.from({ length: 100 }, () => rawSocket(place, place.httpPort)));
      for (const [index, socket] of sockets.entries()) {
        socket.pause();
        if (index % 2) socket.write(head.join("").slice(0, index * 3));
        else for (let count = 0; count < 20; count += 1) socket.write(head.join(""));
      }
      for (const way of generatedWays)
        expect((await world.ask[way].menuImages({ source: "many" })).images.length).toBeGreaterThan(100);
      for (const socket of sockets) socket.destroy();
    });
  });

  it.each(["port", "httpPort"] as const)("500 connections opened and dropped: %s", async (which) => {
    const texts = [
      undefined,
      "",
      "GET / HTTP/1.1\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\xff",
    ];
    await Promise.all(
      Array.from(
        { length: 500 },
        (_, index) =>
          new Promise<void>((resolve) => {
            const socket = connect(world.place[which], "127.0.0.1");
            socket.on("close", () => resolve()).on("error", () => {});
            socket.once("connect", () => {
              const text = texts[index % texts.length];
              if (text !== undefined) socket.write(text);
              if (index % 2) socket.resetAndDestroy();
              else socket.destroy();
            });
          }),
      ),
    );
  });
});
