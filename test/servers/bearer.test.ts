/** Tokens on the gRPC port: which calls need one, and how those without are refused, before anything else is read. */
import { once } from "node:events";
import { connect } from "node:http2";
import { createClient } from "@connectrpc/connect";
import { describe, expect, it, onTestFinished } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as V1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { clientOf } from "../client/service.ts";
import { temporaryFile } from "../registry/reader.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { frame, wireCall } from "../support/grpc-wire.ts";
import { uncaught } from "../support/raw-servers.ts";
import { grpcTransport } from "../support/transports.ts";
import { startSecured } from "./secured.ts";

const service = ImageSourceService.typeName;
const start = () => startSecured({ tokensFile: temporaryFile("writer\nread reader\n") });

/** A status as it is on the wire. */
async function ask(address: string, path: string, headers: Record<string, string> = {}, body?: Buffer) {
  const { code, details, told } = await wireCall(address, path, { headers, ...(body ? { body } : {}) });
  return { code, sameCode: details?.code, challenge: told["www-authenticate"] };
}

const invalid = { code: 16, sameCode: 16 };

describe("a call without a token that is known", () => {
  const paths = [
    ...ImageSourceService.methods.map(({ name }) => `${service}/${name}`),
    ...[ServerReflection, V1Alpha].map(({ typeName }) => `${typeName}/ServerReflectionInfo`),
  ];

  it.each(paths)("is refused: %s", async (path) => {
    const { address } = await start();
    const realm = 'Bearer realm="image-source"';
    expect(await ask(address, path)).toEqual({ ...invalid, challenge: realm });
    const wrong = await ask(address, path, { authorization: "Bearer wr0ng" });
    expect(wrong).toEqual({ ...invalid, challenge: `${realm}, error="invalid_token"` });
  });

  it("is refused as all other errors are", async () => {
    const { address } = await start();
    const { rpc } = clientOf({ url: `http://${address}` });
    expect(await failureOf(rpc.menuImages({}))).toMatchObject(
      contractFailure("Unauthenticated", "INVALID_TOKEN"),
    );
  });

  it.each([
    ["bytes that are no message", frame(Buffer.from("garbage"))],
    ["compressed bytes that are none", frame(Buffer.from("garbage"), { compressed: true })],
    ["nothing", Buffer.alloc(0)],
    ["less than it says", frame(Buffer.alloc(0), { length: 0xffffffff })],
    ["16 MiB", frame(Buffer.alloc(16 * 1024 * 1024))],
  ])("is refused whatever it sends: %s", async (_, body) => {
    const errors = uncaught();
    const { address } = await start();
    expect(await ask(address, `${service}/UpdateImages`, {}, body)).toMatchObject(invalid);
    const { rpc } = clientOf({ url: `http://${address}`, tokenFile: temporaryFile("writer") });
    expect((await rpc.menuImages({})).images).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("is refused within a moment where it sends without an end, or nothing and waits", async () => {
    const errors = uncaught();
    const { address } = await start();
    const session = connect(`http://${address}`);
    onTestFinished(() => session.destroy());
    const path = `/${service}/UpdateImages`;
    const headers = { ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" };
    for (const chunk of [undefined, Buffer.alloc(16 * 1024)]) {
      const stream = session.request(headers, { endStream: false });
      stream.on("error", () => {});
      const sending = setInterval(() => chunk && !stream.destroyed && stream.write(chunk), 1);
      const [answer] = await once(stream, "response");
      expect(answer).toMatchObject({ "grpc-status": "16" });
      if (!stream.closed) await once(stream.resume(), "close");
      clearInterval(sending);
    }
    session.destroy();
    const { rpc } = clientOf({ url: `http://${address}`, tokenFile: temporaryFile("writer") });
    expect((await rpc.menuImages({})).images).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it("is refused a thousand times on one connection, which answers the next call", async () => {
    const { address } = await start();
    const { rpc } = clientOf({ url: `http://${address}` });
    const calls = Array.from({ length: 1_000 }, () => failureOf(rpc.updateImages({})));
    expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set(["Unauthenticated"]));
    const headers = { authorization: "Bearer writer" };
    expect((await rpc.menuImages({}, { headers })).images).toHaveLength(1);
  });
});

describe("a call with a token", () => {
  const writes = ["UpdateImages", "MarkPrepulled"];

  it.each(ImageSourceService.methods.map(({ name }) => name))(
    "is let in, or only by a token that may write: %s",
    async (name) => {
      const { address } = await start();
      const path = `${service}/${name}`;
      const { code } = await ask(address, path, { authorization: "Bearer writer" });
      expect([0, 3]).toContain(code); // an empty question is answered, or not well formed
      const reader = await ask(address, path, { authorization: "Bearer reader" });
      expect(reader).toMatchObject({ code: writes.includes(name) ? 7 : code });
    },
  );

  it("that may only read is told so", async () => {
    const { address } = await start();
    const { rpc } = clientOf({ url: `http://${address}`, tokenFile: temporaryFile("reader") });
    const refused = contractFailure("PermissionDenied", "READ_ONLY_TOKEN");
    expect(await failureOf(rpc.updateImages({}))).toMatchObject(refused);
    expect(await failureOf(rpc.markPrepulled({}))).toMatchObject(refused);
    expect((await rpc.menuImages({})).images).toHaveLength(1);
  });

  it("may use reflection, also one that may only read", async () => {
    const { address } = await start();
    const reflection = createClient(ServerReflection, grpcTransport(address));
    const headers = { authorization: "Bearer reader" };
    async function* questions() {
      yield { messageRequest: { case: "listServices", value: "" } } as const;
    }
    const kinds: unknown[] = [];
    for await (const answer of reflection.serverReflectionInfo(questions(), { headers }))
      kinds.push(answer.messageResponse.case);
    expect(kinds).toEqual(["listServicesResponse"]);
  });
});

describe("health", () => {
  it("needs none, and minds none", async () => {
    const { address } = await start();
    const health = createClient(Health, grpcTransport(address));
    await health.check({});
    await health.list({}, { headers: { authorization: "Bearer wr0ng" } });
    for await (const { status } of health.watch({})) {
      expect(status).toBeDefined();
      break;
    }
  });
});

describe("without a file of tokens", () => {
  it("nobody is asked, and tokens do no harm", async () => {
    const { address } = await startSecured({});
    expect(await ask(address, `${service}/MenuImages`)).toMatchObject({ code: 0 });
    expect(await ask(address, `${service}/UpdateImages`, { authorization: "Bearer x" })).toMatchObject({
      code: 0,
    });
  });
});
