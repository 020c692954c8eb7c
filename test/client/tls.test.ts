/**
 * TLS: whom the client believes, what it shows, and that both may be rotated under it.
 */
import { writeFileSync } from "node:fs";
import { ServerCredentials } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { authority, type Certificate } from "../registry/certificates.ts";
import { temporaryFile } from "../registry/reader.ts";
import { failureOf } from "../support/grpc-failure.ts";
import { startRawServer, uncaught } from "../support/raw-servers.ts";
import { clientOf, startService } from "./service.ts";

const ours = authority("ours");
const theirs = authority("theirs");
const sources = [{ name: "lab" }];

/** With `clients`, it wants to see a certificate of that authority. */
async function startWithTls({ cert, key }: Certificate, clients?: { readonly cert: string }) {
  const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
  const ca = Buffer.from((clients ?? ours).cert); // never the system's: they can be too many for a handshake
  const credentials = ServerCredentials.createSsl(ca, [pair], clients !== undefined);
  const { address } = await startService({ listSources: () => ({ sources }) }, { credentials });
  return { url: `https://${address}` };
}

/** Files of a certificate and its key. */
function filesOf({ cert, key }: Certificate) {
  return { certificateFile: temporaryFile(cert), keyFile: temporaryFile(key) };
}

describe("the service's certificate", () => {
  it("is believed when the named authority has signed it", async () => {
    const server = await startWithTls(ours.issue("service"));
    const { rpc } = clientOf({ ...server, caFile: temporaryFile(ours.cert) });
    expect((await rpc.listSources({})).sources).toHaveLength(1);
  });

  it.each([
    ["of another authority", () => ours.issue("service"), () => ({ caFile: temporaryFile(theirs.cert) })],
    ["of nobody who is known to the system", () => ours.issue("service"), () => ({})],
    ["that signs itself", () => ours, () => ({})],
  ])("is not believed: %s", async (_, certificate, options) => {
    const errors = uncaught();
    const server = await startWithTls(certificate());
    const { rpc } = clientOf({ ...server, ...options() });
    const failure = await failureOf(rpc.updateImages({}));
    expect(failure).toMatchObject({ code: "Unavailable" });
    expect(failure.message).toMatch(/cannot connect to https:.*certificate/);
    expect(errors).toEqual([]);
  });

  it("is checked by the authority that the file has now", async () => {
    const server = await startWithTls(ours.issue("service"));
    const caFile = temporaryFile(theirs.cert);
    const { rpc } = clientOf({ ...server, caFile }, { intervalMs: 5 });
    expect(await failureOf(rpc.listSources({}))).toMatchObject({ code: "Unavailable" });
    writeFileSync(caFile, ours.cert);
    await expect.poll(() => rpc.listSources({}).then(() => "answered", String)).toBe("answered");
    writeFileSync(caFile, theirs.cert); // for the next connection, which is made for it
    await expect.poll(() => rpc.listSources({}).then(() => "answered", String)).toContain("certificate");
  });
});

describe("a client certificate", () => {
  it("is shown where it is asked for", async () => {
    const server = await startWithTls(ours.issue("service"), theirs);
    const clientCertificate = filesOf(theirs.issue("prepuller"));
    const { rpc } = clientOf({ ...server, caFile: temporaryFile(ours.cert), clientCertificate });
    expect((await rpc.listSources({})).sources).toHaveLength(1);
  });

  it.each([
    ["is missing", undefined],
    ["is of another authority", ours],
  ])("that %s makes the service unavailable", async (_, signer) => {
    const errors = uncaught();
    const server = await startWithTls(ours.issue("service"), theirs);
    const clientCertificate = signer && filesOf(signer.issue("prepuller"));
    const { rpc } = clientOf({ ...server, caFile: temporaryFile(ours.cert), clientCertificate });
    expect(await failureOf(rpc.updateImages({}))).toMatchObject({ code: "Unavailable" });
    expect(await failureOf(rpc.listSources({}))).toMatchObject({ code: "Unavailable" });
    expect(errors).toEqual([]);
  });

  it("is the one that its files have now, and not half of two", async () => {
    const server = await startWithTls(ours.issue("service"), theirs);
    const clientCertificate = filesOf(ours.issue("prepuller"));
    const caFile = temporaryFile(ours.cert);
    const { rpc, text } = clientOf({ ...server, caFile, clientCertificate }, { intervalMs: 5 });
    expect(await failureOf(rpc.listSources({}))).toMatchObject({ code: "Unavailable" });
    const next = theirs.issue("prepuller");
    writeFileSync(clientCertificate.certificateFile, next.cert);
    await expect.poll(text).toContain("the key does not belong to the certificate");
    writeFileSync(clientCertificate.keyFile, next.key);
    await expect.poll(() => rpc.listSources({}).then(() => "answered", String)).toBe("answered");
  });
});

describe("files are refused at the start where", () => {
  const url = "https://127.0.0.1:1";

  it.each([
    ["a CA holds no certificate", () => ({ caFile: temporaryFile("s3cret") }), "it holds no certificate"],
    ["a CA is not there", () => ({ caFile: "/none" }), "/none: there is no such file"],
    [
      "a key is not there",
      () => ({ clientCertificate: { certificateFile: temporaryFile(ours.cert), keyFile: "/none" } }),
      "/none: there is no such file",
    ],
    [
      "a key belongs to another certificate",
      () => ({ clientCertificate: filesOf({ cert: ours.issue("a").cert, key: ours.issue("b").key }) }),
      "the key does not belong to the certificate",
    ],
  ])("%s", (_, options, because) => {
    const open = () => clientOf({ url, ...options() });
    expect(open).toThrow(because);
    expect(open).not.toThrow("s3cret");
  });
});

describe("the wrong protocol", () => {
  it("TLS to a service without makes it unavailable", async () => {
    const errors = uncaught();
    const { address } = await startService();
    const { rpc } = clientOf({ url: `https://${address}`, caFile: temporaryFile(ours.cert) });
    expect(await failureOf(rpc.updateImages({}))).toMatchObject({ code: "Unavailable" });
    expect(errors).toEqual([]);
  });

  it("none to a service with TLS makes it unavailable", async () => {
    const errors = uncaught();
    const server = await startWithTls(ours.issue("service"));
    const { rpc } = clientOf({ url: server.url.replace("https:", "http:") }, { deadlineOf: () => 2_000 });
    expect(await failureOf(rpc.updateImages({}))).toMatchObject({ code: "Unavailable" });
    expect(errors).toEqual([]);
  });

  it("TLS to what closes in the handshake makes it unavailable", async () => {
    const errors = uncaught();
    const server = await startRawServer((socket) => {
      socket.once("data", () => socket.resetAndDestroy());
    });
    const { rpc } = clientOf({ url: `https://${server.address}` });
    expect(await failureOf(rpc.updateImages({}))).toMatchObject({ code: "Unavailable" });
    expect(errors).toEqual([]);
  });
});
