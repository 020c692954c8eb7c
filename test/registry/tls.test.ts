import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { authority } from "./certificates.ts";
import { failureOf, listAll, readerOf, recordedLog, startRegistry, temporaryFile } from "./reader.ts";

const ca = authority("a test CA");
const stranger = authority("another CA");
const repositories = { "lab/image": ["a"] };
const server = ca.issue("registry");
const https = { scheme: "https" } as const;
const list = "/v2/lab/image/tags/list";

const clientFiles = ({ cert, key } = ca.issue("us")) => ({
  certificateFile: temporaryFile(cert, "tls.crt"),
  keyFile: temporaryFile(key, "tls.key"),
});

describe("case 112: a registry with TLS", () => {
  it("is read where its CA is the configured one", async () => {
    const registry = await startRegistry({ repositories, tls: server });
    const reader = readerOf(registry, { options: { ...https, caFile: temporaryFile(ca.cert) } });
    expect((await listAll(reader)).names).toEqual(["a"]);
  });

  it.each([
    ["no CA is configured", undefined],
    ["another CA is configured", stranger.cert],
  ])("is not read where %s, and is not asked again", async (_, cert) => {
    const registry = await startRegistry({ repositories, tls: server });
    const caFile = cert === undefined ? undefined : temporaryFile(cert);
    const error = await failureOf(listAll(readerOf(registry, { options: { ...https, caFile } })));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toMatch(/: its certificate is not accepted \([A-Z_]+\)$/);
    expect(registry.requests).toEqual([]);
  });

  it("is read without a look at its certificate, where that is configured", async () => {
    const registry = await startRegistry({ repositories, tls: server });
    const reader = readerOf(registry, { options: { ...https, insecureSkipVerify: true } });
    expect((await listAll(reader)).names).toEqual(["a"]);
  });

  it("gets our certificate where it asks for one", async () => {
    const tls = { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
    const registry = await startRegistry({ repositories, tls });
    const caFile = temporaryFile(ca.cert);
    const options = { ...https, caFile };
    const reader = readerOf(registry, { options: { ...options, clientCertificate: clientFiles() } });
    expect((await listAll(reader)).names).toEqual(["a"]);
    await failureOf(listAll(readerOf(registry, { options, limits: { retries: 0 } })));
    expect(registry.requests).toHaveLength(1);
  });

  it("gets our new certificate when that has changed", async () => {
    const subjects: string[] = [];
    const tls = { ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
    const registry = await startRegistry({ repositories, tls });
    registry.rule({
      path: list,
      reply: () => ({
        raw: (response) => {
          subjects.push(String((response.socket as TLSSocket).getPeerCertificate().subject.CN));
          response.end('{"tags":["a"]}');
        },
      }),
    });
    const clientCertificate = clientFiles(ca.issue("first"));
    const log = recordedLog();
    const changed = Promise.withResolvers<void>();
    const reader = readerOf(registry, {
      log: { ...log, info: () => changed.resolve() },
      options: { ...https, caFile: temporaryFile(ca.cert), clientCertificate },
      filesIntervalMs: 5,
    });
    await listAll(reader);
    const next = ca.issue("second");
    writeFileSync(clientCertificate.certificateFile, next.cert);
    writeFileSync(clientCertificate.keyFile, next.key);
    await changed.promise;
    await listAll(reader);
    expect(subjects).toEqual(["first", "second"]);
  });

  it("that never ends its handshake is left at once by who does not want to wait (case 90)", async () => {
    const greeted = Promise.withResolvers<void>();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.once("data", () => greeted.resolve());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const controller = new AbortController();
    const listing = failureOf(listAll(readerOf({ host }, { options: https }), controller.signal));
    await greeted.promise;
    const reason = new Error("not needed any more");
    controller.abort(reason);
    expect(await listing).toBe(reason);
  });

  it("that resets its connections is asked again (case 86)", async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.once("data", () => socket.resetAndDestroy());
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await failureOf(listAll(readerOf({ host }, { options: https })))).toMatchObject({
      fault: "registry_unavailable",
      message: expect.stringContaining("the connection was reset"),
    });
    expect(connections).toBe(4);
  });

  it("is never asked by http (case 16)", async () => {
    const registry = await startRegistry({ repositories });
    const options = { ...https, insecureSkipVerify: true };
    expect(await failureOf(listAll(readerOf(registry, { options })))).toMatchObject({
      fault: "registry_corrupt",
    });
    expect(registry.requests).toEqual([]);
  });

  const own = ca.issue("us");
  it.each([
    [
      "a CA file without a certificate",
      { caFile: () => temporaryFile("s3cret") },
      "it holds no certificate in PEM form",
    ],
    [
      "a CA file that is missing",
      { caFile: () => "/nowhere/ca.pem" },
      "CA file /nowhere/ca.pem: there is no such file",
    ],
    [
      "a broken certificate",
      { pair: () => clientFiles({ cert: "s3cret", key: own.key }) },
      "the first holds no certificate",
    ],
    [
      "a broken key",
      { pair: () => clientFiles({ cert: own.cert, key: "s3cret" }) },
      "the second holds no private key",
    ],
    [
      "the key of another certificate",
      { pair: () => clientFiles({ cert: own.cert, key: server.key }) },
      "does not belong",
    ],
  ] as [string, { caFile?: () => string; pair?: typeof clientFiles }, string][])(
    "is not begun with %s",
    async (_, { caFile, pair }, because) => {
      const registry = await startRegistry();
      const options = { ...https, caFile: caFile?.(), clientCertificate: pair?.() };
      const start = () => readerOf(registry, { options });
      expect(start).toThrow(because);
      expect(start).not.toThrow("s3cret");
    },
  );
});
