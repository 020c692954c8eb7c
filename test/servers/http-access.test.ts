/** TLS, client certificates and tokens on the HTTP port: whom calls are answered, and whom the pages for operators. */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-node";
import { describe, expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.ts";
import { ImageSourceService } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { authority, expired } from "../registry/certificates.ts";
import { temporaryFile } from "../registry/reader.ts";
import { contractFailure, failureOf } from "../support/grpc-failure.ts";
import { closingAgent } from "../support/http-servers.ts";
import { uncaught } from "../support/raw-servers.ts";
import { type HttpCall, httpCall, pathOf, refusalOf } from "./http-calls.ts";
import { certificateShown, filesOf, fingerprint, startSecured } from "./secured.ts";

const ours = authority("ours");
const theirs = authority("theirs");
const { cert: ca } = ours;
const menu = pathOf("MenuImages");
const health = `/${Health.typeName}/Check`;
const pages = ["/healthz", "/readyz", "/metrics"];
const soon = { timeout: 10_000 };

const startWithTokens = () => startSecured({ tokensFile: temporaryFile("writer\nread reader\n") });
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const invalidToken = [401, "unauthenticated", "INVALID_TOKEN"];
const noCertificate = [401, "unauthenticated", "CLIENT_CERTIFICATE_REQUIRED"];

const startMutual = (clientCaFile = temporaryFile(theirs.cert), grpc: object = {}) =>
  startSecured(grpc, { tls: { ...filesOf(ours.issue("service")), clientCaFile } });

/** Whether a call is answered over TLS, or the reason why not. */
async function ask(address: string, call: HttpCall = {}): Promise<string> {
  const answer = await httpCall(address, menu, { ca, ...call });
  return answer.status === 200 ? "answered" : refusalOf(answer)[2];
}

describe("a token", () => {
  it.each(ImageSourceService.methods.map(({ name }) => name))("is needed for %s", async (name) => {
    const { httpAddress } = await startWithTokens();
    const none = await httpCall(httpAddress, pathOf(name));
    expect(refusalOf(none)).toEqual(invalidToken);
    expect(none.headers["www-authenticate"]).toBe('Bearer realm="image-source"');
    const wrong = await httpCall(httpAddress, pathOf(name), bearer("wr0ng"));
    expect(refusalOf(wrong)).toEqual(invalidToken);
    expect(wrong.headers["www-authenticate"]).toContain('error="invalid_token"');
    const { status } = await httpCall(httpAddress, pathOf(name), bearer("writer"));
    expect([200, 400]).toContain(status); // an empty question is answered, or not well formed
  });

  it.each(["UpdateImages", "MarkPrepulled"])("that may only read is not enough for %s", async (name) => {
    const { httpAddress } = await startWithTokens();
    const answer = await httpCall(httpAddress, pathOf(name), bearer("reader"));
    expect(refusalOf(answer)).toEqual([403, "permission_denied", "READ_ONLY_TOKEN"]);
    expect((await httpCall(httpAddress, menu, bearer("reader"))).status).toBe(200);
  });

  it("is needed for a GET too", async () => {
    const { httpAddress } = await startWithTokens();
    const url = `${menu}?connect=v1&encoding=json&message=%7B%7D`;
    expect(refusalOf(await httpCall(httpAddress, url, { method: "GET" }))).toEqual(invalidToken);
    expect((await httpCall(httpAddress, url, { method: "GET", ...bearer("reader") })).status).toBe(200);
  });

  it("is one: of two none counts", async () => {
    const { httpAddress } = await startWithTokens();
    const headers = { authorization: ["Bearer writer", "Bearer reader"] };
    expect(refusalOf(await httpCall(httpAddress, menu, { headers }))).toEqual(invalidToken);
  });

  it.each([...pages, health])("is not needed for %s", async (path) => {
    const { httpAddress } = await startWithTokens();
    const method = pages.includes(path) ? "GET" : "POST";
    await expect.poll(async () => (await httpCall(httpAddress, path, { method })).status, soon).toBe(200);
  });

  it("that is missing is told to clients of gRPC-Web in their own way", async () => {
    const { httpAddress } = await startWithTokens();
    const nodeOptions = { agent: closingAgent() };
    const transport = createGrpcWebTransport({
      ...{ baseUrl: `http://${httpAddress}`, httpVersion: "1.1", nodeOptions },
    });
    const client = createClient(ImageSourceService, transport);
    expect(await failureOf(client.menuImages({}))).toMatchObject(
      contractFailure("Unauthenticated", "INVALID_TOKEN"),
    );
    const { images } = await client.menuImages({}, bearer("reader"));
    expect(images).toHaveLength(1);
  });

  it.each<[string, HttpCall]>([
    ["no JSON", { body: "{" }],
    ["16 MiB", { body: new Uint8Array(16 * 1024 * 1024) }],
    ["another kind of content", { headers: { "content-type": "text/plain" } }],
  ])("is asked for before anything is read: %s", async (_, call) => {
    const { httpAddress } = await startWithTokens();
    expect(refusalOf(await httpCall(httpAddress, pathOf("UpdateImages"), call))).toEqual(invalidToken);
    expect((await httpCall(httpAddress, menu, bearer("writer"))).status).toBe(200);
  });

  it("that is missing is counted, on either port", async () => {
    const { httpAddress } = await startWithTokens();
    await httpCall(httpAddress, menu);
    const { text } = await httpCall(httpAddress, "/metrics", { method: "GET" });
    expect(text).toMatch(/handled_total\{.*grpc_method="MenuImages",grpc_code="Unauthenticated"\} 1$/m);
  });
});

describe("the certificate of the HTTP port", () => {
  it("is shown, and calls and pages are answered", async () => {
    const { httpAddress } = await startSecured({}, { tls: filesOf(ours.issue("service")) });
    expect(await ask(httpAddress)).toBe("answered");
    expect((await httpCall(httpAddress, "/healthz", { method: "GET", ca })).status).toBe(200);
    await expect(httpCall(httpAddress, menu)).rejects.toThrow(); // without TLS
    await expect(httpCall(httpAddress, menu, { ca: theirs.cert })).rejects.toThrow();
    expect(await ask(httpAddress)).toBe("answered");
  });

  it("is the one of now, and the last good one while it is broken", async () => {
    const [first, second, late] = [ours.issue("a"), ours.issue("b"), ours.issue("c", expired)];
    const files = filesOf(first);
    const { httpAddress, text } = await startSecured({}, { tls: files });
    expect(await certificateShown(httpAddress)).toBe(fingerprint(first));
    writeFileSync(files.certificateFile, second.cert);
    await expect.poll(text, soon).toContain("the key does not belong to the certificate");
    expect(await certificateShown(httpAddress)).toBe(fingerprint(first));
    writeFileSync(files.keyFile, second.key);
    await expect.poll(() => certificateShown(httpAddress), soon).toBe(fingerprint(second));
    writeFileSync(files.certificateFile, second.cert.slice(0, 200));
    await expect.poll(text, soon).toContain("the first holds no certificate in PEM form");
    writeFileSync(files.keyFile, late.key);
    writeFileSync(files.certificateFile, late.cert);
    await expect.poll(text, soon).toContain("it has expired, on ");
    expect(await certificateShown(httpAddress)).toBe(fingerprint(second));
    expect(await ask(httpAddress)).toBe("answered");
  });
});

describe("a client's certificate", () => {
  it("lets in to calls; pages and health need none", async () => {
    const { httpAddress } = await startMutual();
    expect(await ask(httpAddress, theirs.issue("hub"))).toBe("answered");
    expect(refusalOf(await httpCall(httpAddress, menu, { ca }))).toEqual(noCertificate);
    for (const path of pages)
      await expect
        .poll(async () => (await httpCall(httpAddress, path, { method: "GET", ca })).status, soon)
        .toBe(200);
    expect((await httpCall(httpAddress, health, { ca })).status).toBe(200);
  });

  it.each<[string, () => object]>([
    ["is missing", () => ({})],
    ["is of another authority", () => ours.issue("hub")],
    ["is of another authority with the same name", () => authority("theirs").issue("hub")],
    ["signs itself", () => authority("hub")],
    ["has expired", () => theirs.issue("hub", expired)],
  ])("that %s does not, and the next call is answered", async (_, certificate) => {
    const errors = uncaught();
    const { httpAddress } = await startMutual();
    expect(await ask(httpAddress, certificate())).toBe("CLIENT_CERTIFICATE_REQUIRED");
    expect(await ask(httpAddress, theirs.issue("hub"))).toBe("answered");
    expect(errors).toEqual([]);
  });

  it("lets in together with a token: who lacks either is told which", async () => {
    const { httpAddress } = await startMutual(undefined, { tokensFile: temporaryFile("writer") });
    const own = theirs.issue("hub");
    expect(await ask(httpAddress, { ...own, ...bearer("writer") })).toBe("answered");
    expect(await ask(httpAddress, own)).toBe("INVALID_TOKEN");
    expect(await ask(httpAddress, bearer("writer"))).toBe("CLIENT_CERTIFICATE_REQUIRED");
  });

  it("is checked by the authorities of now", async () => {
    const clientCaFile = temporaryFile(ours.cert);
    const { httpAddress } = await startMutual(clientCaFile);
    const [old, next] = [ours.issue("hub"), theirs.issue("hub")];
    expect([await ask(httpAddress, old), await ask(httpAddress, next)]).toEqual([
      "answered",
      "CLIENT_CERTIFICATE_REQUIRED",
    ]);
    writeFileSync(clientCaFile, theirs.cert);
    await expect.poll(() => ask(httpAddress, next), soon).toBe("answered");
    expect(await ask(httpAddress, old)).toBe("CLIENT_CERTIFICATE_REQUIRED");
  });
});

it("the next call is answered after connections that are dropped, silent or speak otherwise", async () => {
  const errors = uncaught();
  const { httpAddress } = await startMutual();
  const port = Number(httpAddress.split(":")[1]);
  for (const text of [undefined, "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff\x01"])
    for (let count = 0; count < 40; count += 1) {
      const socket = connectTcp(port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      if (text !== undefined) socket.write(text);
      if (count % 2) socket.resetAndDestroy();
      else setTimeout(() => socket.destroy(), 50);
    }
  expect(await ask(httpAddress, theirs.issue("hub"))).toBe("answered");
  expect(errors).toEqual([]);
});
