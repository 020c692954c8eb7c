/**
 * The client on Deno: its HTTP/2 and its TLS are other code, so what could end the process is tried there too.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { ServerCredentials } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import type { ServiceClientOptions } from "../../src/client/service-client.ts";
import { authority, type Certificate } from "../registry/certificates.ts";
import { temporaryFile } from "../registry/reader.ts";
import { startRawServer, strangers } from "../support/raw-servers.ts";
import { startService } from "./service.ts";

const timeout = 30_000; // for a runtime that starts on a busy machine
const noFiles = { tokenFile: undefined, caFile: undefined, clientCertificate: undefined };

/** How so many calls ended; fails where the process did not end well. */
async function ask(
  options: Partial<ServiceClientOptions> & { readonly url: string },
  calls = 1,
): Promise<unknown[]> {
  const program = new URL("asking.ts", import.meta.url).pathname;
  const args = ["run", "--allow-all", program, JSON.stringify({ ...noFiles, ...options }), `${calls}`];
  const process = spawn("node_modules/.bin/deno", args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  process.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  process.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const [code] = await once(process, "close");
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function filesOf({ cert, key }: Certificate) {
  return { certificateFile: temporaryFile(cert), keyFile: temporaryFile(key) };
}

describe("on Deno", { timeout }, () => {
  it("calls are answered", async () => {
    const { address } = await startService();
    const tokenFile = temporaryFile("s3cret");
    expect(await ask({ url: `http://${address}`, tokenFile }, 3)).toEqual(Array(3).fill("answered"));
  });

  it.each(strangers)(
    "something else at the address fails the calls and nothing else: it %s",
    async (_, answer) => {
      const server = await startRawServer((socket) => {
        socket.once("data", () => answer(socket));
      });
      expect(await ask({ url: `http://${server.address}` }, 3)).toEqual(Array(3).fill("Unavailable"));
    },
  );

  it("TLS is checked, and the client's certificate is shown", async () => {
    const [ours, theirs] = [authority("ours"), authority("theirs")];
    const { cert, key } = ours.issue("service");
    const pair = { private_key: Buffer.from(key), cert_chain: Buffer.from(cert) };
    const credentials = ServerCredentials.createSsl(Buffer.from(theirs.cert), [pair], true);
    const { address } = await startService({}, { credentials });
    const url = `https://${address}`;
    const [caFile, otherCa] = [temporaryFile(ours.cert), temporaryFile(theirs.cert)];
    const clientCertificate = filesOf(theirs.issue("prepuller"));
    expect(await ask({ url, caFile, clientCertificate })).toEqual(["answered"]);
    expect(await ask({ url, caFile: otherCa, clientCertificate })).toEqual(["Unavailable"]);
    expect(await ask({ url, caFile })).toEqual(["Unavailable"]);
    expect(await ask({ url, caFile, clientCertificate: filesOf(ours.issue("other")) })).toEqual([
      "Unavailable",
    ]);
  });
});
