/** TLS on the gRPC port: whom it lets in, and that certificates are rotated, broken and lost under it. */
import { once } from "node:events";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { describe, expect, it } from "vitest";
import { clientOf } from "../client/service.ts";
import { authority, type Certificate, expired } from "../registry/certificates.ts";
import { temporaryFile } from "../registry/reader.ts";
import { failureOf } from "../support/grpc-failure.ts";
import { uncaught } from "../support/raw-servers.ts";
import { ask as askService, certificateShown, filesOf, fingerprint, startSecured } from "./secured.ts";

const ours = authority("ours");
const theirs = authority("theirs");
const caFile = () => temporaryFile(ours.cert);

const answered = "1 image";
const unavailable = "Unavailable";
const ask = (address: string, options: object = {}) => askService(address, { caFile: caFile(), ...options });

describe("the service's certificate", () => {
  it("is shown, and calls are answered", async () => {
    const { address, text } = await startSecured({ tls: filesOf(ours.issue("service")) });
    expect(await ask(address)).toBe(answered);
    expect(text()).not.toMatch(/^(?:warn|error) /m);
  });

  it("has to be what it is: no call without TLS", async () => {
    const { address } = await startSecured({ tls: filesOf(ours.issue("service")) });
    const { rpc } = clientOf({ url: `http://${address}` }, { deadlineOf: () => 3_000 });
    expect(await failureOf(rpc.menuImages({}))).toMatchObject({ code: "Unavailable" });
    expect(await ask(address)).toBe(answered);
  });

  it("is shown with those that follow it in the file", async () => {
    const own = ours.issue("service");
    const { address } = await startSecured({ tls: filesOf({ ...own, cert: own.cert + ours.cert }) });
    expect(await ask(address)).toBe(answered);
  });

  it("is the one of now; connections that are open stay", async () => {
    const [first, second] = [ours.issue("service"), ours.issue("service")];
    const files = filesOf(first);
    const { address, text } = await startSecured({ tls: files });
    const { rpc } = clientOf({ url: `https://${address}`, caFile: caFile() });
    await rpc.menuImages({});
    expect(await certificateShown(address)).toBe(fingerprint(first));
    writeFileSync(files.certificateFile, second.cert); // for a moment the two do not fit
    writeFileSync(files.keyFile, second.key);
    await expect.poll(() => certificateShown(address)).toBe(fingerprint(second));
    expect(text()).toContain("changed, and read again");
    expect((await rpc.menuImages({})).images).toHaveLength(1);
    expect(await ask(address)).toBe(answered);
  });

  it.each<[string, (files: ReturnType<typeof filesOf>, next: Certificate) => void, string]>([
    [
      "the key is another one's",
      ({ certificateFile }, { cert }) => writeFileSync(certificateFile, cert),
      "the key does not belong to the certificate",
    ],
    [
      "the certificate is cut off",
      ({ certificateFile }, { cert }) => writeFileSync(certificateFile, cert.slice(0, 200)),
      "the first holds no certificate in PEM form",
    ],
    [
      "one that follows it is cut off",
      ({ certificateFile, keyFile }, { cert, key }) => {
        writeFileSync(certificateFile, cert + cert.slice(0, 200));
        writeFileSync(keyFile, key);
      },
      "the first ends within a certificate",
    ],
    [
      "the key is cut off",
      ({ keyFile }, { key }) => writeFileSync(keyFile, key.slice(0, 90)),
      "the second holds no private key in PEM form",
    ],
    [
      "the certificate is empty",
      ({ certificateFile }) => writeFileSync(certificateFile, ""),
      "the first holds no certificate",
    ],
    ["the key is empty", ({ keyFile }) => writeFileSync(keyFile, ""), "the second holds no private key"],
    ["the key is gone", ({ keyFile }) => rmSync(keyFile), "there is no such file"],
    [
      "the certificate is gone",
      ({ certificateFile }) => renameSync(certificateFile, `${certificateFile}.old`),
      "there is no such file",
    ],
    [
      "it holds something else",
      ({ certificateFile }) => writeFileSync(certificateFile, "s3cret"),
      "the first holds no certificate",
    ],
  ])("stays the last good one while %s; said once", async (_, harm, because) => {
    const errors = uncaught();
    const [first, second] = [ours.issue("service"), ours.issue("service")];
    const files = filesOf(first);
    const { address, text } = await startSecured({ tls: files });
    harm(files, second);
    await expect.poll(text).toContain(because);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(text().match(/^error /gm)).toHaveLength(1);
    expect(text()).not.toContain("s3cret");
    expect([await certificateShown(address), await ask(address)]).toEqual([fingerprint(first), answered]);
    writeFileSync(files.certificateFile, second.cert);
    writeFileSync(files.keyFile, second.key);
    await expect.poll(() => certificateShown(address)).toBe(fingerprint(second));
    expect(errors).toEqual([]);
  });

  it("that has expired does not replace one that has not", async () => {
    const [first, old] = [ours.issue("service"), ours.issue("service", expired)];
    const files = filesOf(first);
    const { address, text } = await startSecured({ tls: files });
    writeFileSync(files.certificateFile, old.cert);
    writeFileSync(files.keyFile, old.key);
    await expect.poll(text).toContain("it has expired, on ");
    expect([await certificateShown(address), await ask(address)]).toEqual([fingerprint(first), answered]);
  });

  it("that has expired is served at the start, with an error in the log; clients refuse it until it is replaced", async () => {
    const files = filesOf(ours.issue("service", expired));
    const { address, text } = await startSecured({ tls: files });
    expect(text()).toMatch(/^error .*it has expired, on /m);
    expect(await ask(address)).toBe(unavailable);
    const next = ours.issue("service");
    writeFileSync(files.keyFile, next.key);
    writeFileSync(files.certificateFile, next.cert);
    await expect.poll(() => ask(address)).toBe(answered);
  });
});

describe("a client's certificate", () => {
  const start = (clientCaFile = temporaryFile(theirs.cert)) =>
    startSecured({ tls: { ...filesOf(ours.issue("service")), clientCaFile } });

  it("lets in", async () => {
    const { address } = await start();
    expect(await ask(address, { clientCertificate: filesOf(theirs.issue("hub")) })).toBe(answered);
  });

  it("lets in together with a token: who lacks either is refused in its own way", async () => {
    const tls = { ...filesOf(ours.issue("service")), clientCaFile: temporaryFile(theirs.cert) };
    const { address } = await startSecured({ tls, tokensFile: temporaryFile("read s3cret") });
    const clientCertificate = filesOf(theirs.issue("hub"));
    const tokenFile = temporaryFile("s3cret");
    expect(await ask(address, { clientCertificate, tokenFile })).toBe(answered);
    expect(await ask(address, { clientCertificate })).toBe("Unauthenticated INVALID_TOKEN");
    expect(await ask(address, { tokenFile })).toBe(unavailable);
  });

  it.each<[string, () => object]>([
    ["is missing", () => ({})],
    ["is of another authority", () => ({ clientCertificate: filesOf(ours.issue("hub")) })],
    [
      "is of another authority with the same name",
      () => ({ clientCertificate: filesOf(authority("theirs").issue("hub")) }),
    ],
    ["signs itself", () => ({ clientCertificate: filesOf(authority("hub")) })],
    ["has expired", () => ({ clientCertificate: filesOf(theirs.issue("hub", expired)) })],
  ])("that %s does not, and the next call is answered", async (_, options) => {
    const errors = uncaught();
    const { address } = await start();
    expect(await ask(address, options())).toBe(unavailable);
    expect(await ask(address, { clientCertificate: filesOf(theirs.issue("hub")) })).toBe(answered);
    expect(errors).toEqual([]);
  });

  it("is checked by the authorities of now, not by half of them", async () => {
    const clientCaFile = temporaryFile(ours.cert);
    const { address, text } = await start(clientCaFile);
    const [old, next] = [ours, theirs].map((one) => ({ clientCertificate: filesOf(one.issue("hub")) }));
    expect([await ask(address, old), await ask(address, next)]).toEqual([answered, unavailable]);
    writeFileSync(clientCaFile, ours.cert + theirs.cert.slice(0, 200));
    await expect.poll(text).toContain("it ends within a certificate");
    expect(await ask(address, old)).toBe(answered);
    writeFileSync(clientCaFile, ours.cert + theirs.cert);
    await expect.poll(() => ask(address, next)).toBe(answered);
    expect(await ask(address, old)).toBe(answered);
    writeFileSync(clientCaFile, theirs.cert);
    await expect.poll(() => ask(address, old)).toBe(unavailable);
    expect(await ask(address, next)).toBe(answered);
    writeFileSync(clientCaFile, ""); // lets nobody more in, and nobody less
    await expect.poll(text).toContain("it holds no certificate in PEM form");
    expect([await ask(address, old), await ask(address, next)]).toEqual([unavailable, answered]);
  });
});

describe("the port", () => {
  it("answers the next call after connections that are dropped, silent or speak otherwise", async () => {
    const errors = uncaught();
    const { address } = await startSecured({ tls: filesOf(ours.issue("service")) });
    const port = Number(address.split(":")[1]);
    for (const text of [
      undefined,
      "",
      "GET / HTTP/1.1\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\x16\x03\x01\xff\xff\x01",
    ]) {
      for (let count = 0; count < 40; count += 1) {
        const socket = connectTcp(port, "127.0.0.1");
        socket.on("error", () => {});
        await once(socket, "connect");
        if (text !== undefined) socket.write(text);
        if (count % 2) socket.resetAndDestroy();
        else setTimeout(() => socket.destroy(), 50);
      }
    }
    expect(await ask(address)).toBe(answered);
    expect(errors).toEqual([]);
  });
});

describe("files are refused at the start where", () => {
  const own = ours.issue("service");
  it.each<[string, () => object, string]>([
    [
      "a key is another one's",
      () => filesOf({ ...own, key: theirs.key }),
      "the key does not belong to the certificate",
    ],
    [
      "a certificate is none",
      () => filesOf({ ...own, cert: "s3cret" }),
      "the first holds no certificate in PEM form",
    ],
    [
      "a key is none",
      () => filesOf({ ...own, key: "s3cret" }),
      "the second holds no private key in PEM form",
    ],
    ["a key is not there", () => ({ ...filesOf(own), keyFile: "/none" }), "/none: there is no such file"],
    ["a CA is not there", () => ({ ...filesOf(own), clientCaFile: "/none" }), "/none: there is no such file"],
    [
      "a CA is none",
      () => ({ ...filesOf(own), clientCaFile: temporaryFile("s3cret") }),
      "it holds no certificate in PEM form",
    ],
  ])("%s", async (_, tls, because) => {
    const failure = await startSecured({ tls: tls() }).catch(String);
    expect(failure).toContain("grpc.tls: ");
    expect(failure).toContain(because);
    expect(failure).not.toContain("s3cret");
  });

  it("all that is wrong is told at once", async () => {
    const tls = { ...filesOf(own), keyFile: "/none" };
    const failure = await startSecured({ tls, tokensFile: "/neither" }).catch(String);
    expect(failure).toMatch(/grpc\.tls: .*\ngrpc\.tokensFile: /);
  });
});
