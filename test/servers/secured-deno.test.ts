/**
 * TLS and tokens of a service on Deno, whose TLS is other code: who is let in, on Node and on Deno, and that certificates
 * are rotated under it.
 */
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { clientOf } from "../client/service.ts";
import { authority, expired } from "../registry/certificates.ts";
import { temporaryFile } from "../registry/reader.ts";
import { failureOf } from "../support/grpc-failure.ts";
import { frame, wireCall } from "../support/grpc-wire.ts";
import { startOnDeno } from "./on-deno.ts";
import { ask, certificateShown, filesOf, fingerprint } from "./secured.ts";

const timeout = 60_000; // for a runtime that starts on a busy machine
const soon = { timeout: 10_000 };
const ours = authority("ours");
const theirs = authority("theirs");

describe("on Deno", { timeout }, () => {
  it("only clients of the named authority that know a token are let in", async () => {
    const { address } = await startOnDeno({
      tls: { ...filesOf(ours.issue("service")), clientCaFile: temporaryFile(theirs.cert) },
      tokensFile: temporaryFile("read reader\nwriter\n"),
    });
    const caFile = temporaryFile(ours.cert);
    const own = {
      caFile,
      clientCertificate: filesOf(theirs.issue("hub")),
      tokenFile: temporaryFile("reader"),
    };
    expect(await ask(address, own)).toBe("1 image");
    expect(await ask(address, { ...own, clientCertificate: undefined })).toBe("Unavailable");
    for (const rogue of [ours.issue("hub"), authority("theirs").issue("hub"), theirs.issue("hub", expired)])
      expect(await ask(address, { ...own, clientCertificate: filesOf(rogue) })).toBe("Unavailable");
    expect(await ask(address, { ...own, tokenFile: undefined })).toBe("Unauthenticated INVALID_TOKEN");
    expect(await ask(address, { ...own, tokenFile: temporaryFile("x") })).toBe(
      "Unauthenticated INVALID_TOKEN",
    );
    expect(await ask(address, own)).toBe("1 image");
  });

  it("the certificate is the one of now, and the last good one while it is broken", async () => {
    const [first, second, third] = [ours.issue("service"), ours.issue("service"), ours.issue("service")];
    const files = filesOf(first);
    const { address, text } = await startOnDeno({ tls: files });
    const options = { caFile: temporaryFile(ours.cert) };
    expect([await certificateShown(address), await ask(address, options)]).toEqual([
      fingerprint(first),
      "1 image",
    ]);
    writeFileSync(files.certificateFile, second.cert);
    await expect.poll(text, soon).toContain("the key does not belong to the certificate");
    expect([await certificateShown(address), await ask(address, options)]).toEqual([
      fingerprint(first),
      "1 image",
    ]);
    writeFileSync(files.keyFile, second.key);
    await expect.poll(() => certificateShown(address), soon).toBe(fingerprint(second));
    writeFileSync(files.certificateFile, third.cert.slice(0, 200));
    await expect.poll(text, soon).toContain("the first holds no certificate in PEM form");
    expect([await certificateShown(address), await ask(address, options)]).toEqual([
      fingerprint(second),
      "1 image",
    ]);
    writeFileSync(files.keyFile, third.key);
    writeFileSync(files.certificateFile, third.cert);
    await expect.poll(() => certificateShown(address), soon).toBe(fingerprint(third));
    expect(await ask(address, options)).toBe("1 image");
  });

  it("the authority of clients is the one of now", async () => {
    const clientCaFile = temporaryFile(ours.cert);
    const { address } = await startOnDeno({ tls: { ...filesOf(ours.issue("service")), clientCaFile } });
    const caFile = temporaryFile(ours.cert);
    const old = { caFile, clientCertificate: filesOf(ours.issue("hub")) };
    const next = { caFile, clientCertificate: filesOf(theirs.issue("hub")) };
    expect([await ask(address, old), await ask(address, next)]).toEqual(["1 image", "Unavailable"]);
    writeFileSync(clientCaFile, theirs.cert);
    await expect.poll(() => ask(address, next), soon).toBe("1 image");
    expect(await ask(address, old)).toBe("Unavailable");
  });

  it("roots that the environment names for clients of gRPC change nothing", async () => {
    const roots = temporaryFile(ours.cert.repeat(400));
    const { address } = await startOnDeno(
      { tls: filesOf(ours.issue("service")) },
      { GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: roots },
    );
    expect(await ask(address, { caFile: temporaryFile(ours.cert) })).toBe("1 image");
  });

  it("a thousand refusals on one connection leave it as it is", async () => {
    const { address } = await startOnDeno({ tokensFile: temporaryFile("writer\n") });
    const { rpc } = clientOf({ url: `http://${address}` });
    const calls = Array.from({ length: 1_000 }, () => failureOf(rpc.updateImages({})));
    expect(new Set((await Promise.all(calls)).map(({ code }) => code))).toEqual(new Set(["Unauthenticated"]));
    expect((await rpc.menuImages({}, { headers: { authorization: "Bearer writer" } })).images).toHaveLength(
      1,
    );
  });

  it("a refused call may have sent anything", async () => {
    const { address } = await startOnDeno({ tokensFile: temporaryFile("writer\n") });
    for (const body of [
      Buffer.alloc(0),
      frame(Buffer.alloc(0), { length: 0xffffffff }),
      frame(Buffer.alloc(1 << 24)),
    ])
      expect(await wireCall(address, `${ImageSourceService.typeName}/UpdateImages`, { body })).toMatchObject({
        code: 16,
      });
    const { rpc } = clientOf({ url: `http://${address}`, tokenFile: temporaryFile("writer") });
    expect((await rpc.menuImages({})).images).toHaveLength(1);
  });
});
