/**
 * TLS sessions that are taken up again, on a service on Deno, which calls any of them authorized: they stand for what
 * their client has shown when they began, and for the authorities of now.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect as connectTls } from "node:tls";
import { describe, expect, it } from "vitest";
import { authority, expired } from "../registry/certificates.ts";
import { temporaryFile } from "../registry/reader.ts";
import { onDeno } from "../support/runtime.ts";
import { pathOf } from "./http-calls.ts";
import { startOnDeno } from "./on-deno.ts";
import { filesOf } from "./secured.ts";

const ours = authority("ours");
const theirs = authority("theirs");
const { cert: ca } = ours;
const path = pathOf("MenuImages");

async function start() {
  const clientCaFile = temporaryFile(theirs.cert);
  const tls = { ...filesOf(ours.issue("service")), clientCaFile };
  return { ...(await startOnDeno({ tls }, {}, { tls })), clientCaFile };
}

type Own = { readonly cert?: string; readonly key?: string; readonly session?: Buffer };

/** A session with a port, as its client may take it up again. */
async function sessionOf(address: string, protocol: "h2" | "http/1.1", own: Own): Promise<Buffer> {
  const [host = "", port] = address.split(":");
  const socket = connectTls({ host, port: Number(port), ca, ALPNProtocols: [protocol], ...own });
  const [session] = (await once(socket, "session")) as [Buffer];
  socket.destroy();
  return session;
}

/** The gRPC status of a call over a connection of its own; empty where it is cut off. */
function byGrpc(address: string, own: Own): Promise<string> {
  return new Promise((resolve) => {
    const connection = connectHttp2(`https://${address}`, { ca, ...own });
    connection.on("error", () => {}).on("close", () => resolve(""));
    const headers = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
    const call = connection.request({ ...headers, ":path": path });
    call
      .on("error", () => {})
      .on("trailers", (trailers) => {
        resolve(String(trailers["grpc-status"]));
        connection.destroy();
      });
    call.resume().end(Buffer.alloc(5));
  });
}

/** The HTTP status of a call over a connection of its own. */
async function byHttp(address: string, own: Own): Promise<number | undefined> {
  const options = { method: "POST", headers: { "content-type": "application/json" }, agent: false as const };
  const call = request(`https://${address}${path}`, { ...options, ca, ...own });
  call.end("{}");
  const [response] = await once(call, "response");
  response.resume();
  return response.statusCode;
}

// Only Node's client hands out sessions.
describe.skipIf(onDeno)("a session", { timeout: 60_000 }, () => {
  it("of a client that is trusted is taken up again, on either port", async () => {
    const { address, httpAddress } = await start();
    const own = theirs.issue("hub");
    const [http, grpc] = [await sessionOf(httpAddress, "http/1.1", own), await sessionOf(address, "h2", own)];
    for (let time = 0; time < 2; time += 1) {
      expect(await byHttp(httpAddress, { ...own, session: http })).toBe(200);
      expect(await byGrpc(address, { ...own, session: grpc })).toBe("0");
    }
  });

  it.each<[string, () => Own]>([
    ["that shows no certificate", () => ({})],
    ["of another authority", () => ours.issue("hub")],
    ["whose certificate has expired", () => theirs.issue("hub", expired)],
    ["that signs itself", () => authority("hub")],
  ])("of a client %s opens neither port", async (_, certificate) => {
    const { address, httpAddress } = await start();
    const own = certificate();
    const session = await sessionOf(httpAddress, "http/1.1", own);
    expect(await byHttp(httpAddress, { ...own, session })).toBe(401);
    expect(await byGrpc(address, { ...own, session })).toBe("");
    expect(await byGrpc(address, theirs.issue("hub"))).toBe("0");
  });

  it("stands for no certificate of an authority that was replaced", async () => {
    const { address, httpAddress, clientCaFile } = await start();
    const [old, next] = [theirs.issue("hub"), ours.issue("hub")];
    const [http, grpc] = [await sessionOf(httpAddress, "http/1.1", old), await sessionOf(address, "h2", old)];
    writeFileSync(clientCaFile, ours.cert);
    const soon = { timeout: 10_000 };
    await expect.poll(() => byHttp(httpAddress, next), soon).toBe(200);
    await expect.poll(() => byGrpc(address, next), soon).toBe("0");
    expect(await byHttp(httpAddress, { ...old, session: http })).toBe(401);
    expect(await byGrpc(address, { ...old, session: grpc })).toBe("");
  });
});
