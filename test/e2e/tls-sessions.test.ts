/**
 * TLS sessions that are taken up again stand for what their client has shown when they began, and for the authorities of
 * now. Deno by itself takes up any of them and calls its client authorized.
 */
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authority, expired } from "../registry/certificates.ts";
import { freePlace, newSecured, portsOf } from "./support/place.ts";
import { type Runtime, runtimes, type Service, startService } from "./support/service.ts";
import { until } from "./support/until.ts";
import { pathOf } from "./support/wire.ts";

type Own = { readonly cert?: string; readonly key?: string; readonly session?: Buffer };

describe.each(Object.keys(runtimes) as Runtime[])("the service under %s", (runtime) => {
  const secured = newSecured();
  const { ca, authority: ours } = secured;
  const trusted = { cert: secured.cert, key: secured.key };
  const headers = { authorization: `Bearer ${secured.token}` };
  let service: Service;

  beforeAll(async () => {
    const place = await freePlace(secured);
    const source = { name: "lab", type: "static", registry: "r.example", repository: "lab", images: [] };
    const config = { ...portsOf(place), shutdown: { wait: "0s" }, sources: [source] };
    service = await startService(runtime, place, JSON.stringify(config));
    await until("an answer by HTTP", async () => (await byHttp(trusted)) === 200);
  });
  afterAll(() => service?.program.kill());

  /** A session with the HTTP port or that of gRPC, as its client may take it up again. */
  async function sessionOf(which: "httpPort" | "port", own: Own): Promise<Buffer> {
    const ALPNProtocols = [which === "port" ? "h2" : "http/1.1"];
    const socket = connectTls({ host: "127.0.0.1", port: service.place[which], ca, ALPNProtocols, ...own });
    // Sessions are told behind the handshake, of some clients only with the first answer.
    if (which === "httpPort") socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    const [session] = (await once(socket, "session")) as [Buffer];
    socket.destroy();
    return session;
  }

  /** The HTTP status of a call over a connection of its own. */
  async function byHttp(own: Own): Promise<number | undefined> {
    const options = { method: "POST", headers: { "content-type": "application/json", ...headers } };
    const url = `https://127.0.0.1:${service.place.httpPort}${pathOf("MenuImages")}`;
    const call = request(url, { ...options, agent: false, ca, ...own });
    call.end("{}");
    const [response] = await once(call, "response");
    response.resume();
    return response.statusCode;
  }

  /** The gRPC status of a call over a connection of its own; empty where it is cut off. */
  function byGrpc(own: Own): Promise<string> {
    return new Promise((resolve) => {
      const connection = connectHttp2(`https://127.0.0.1:${service.place.port}`, { ca, ...own });
      connection.on("error", () => {});
      const call = connection.request({
        ...{ ":method": "POST", ":path": pathOf("MenuImages") },
        ...{ "content-type": "application/grpc", te: "trailers", ...headers },
      });
      call
        .on("error", () => {})
        .on("trailers", (trailers) => {
          resolve(String(trailers["grpc-status"]));
        })
        .on("close", () => {
          resolve("");
          connection.destroy();
        });
      call.resume().end(Buffer.alloc(5));
    });
  }

  it("a client that is trusted goes on with its session, on either port", async () => {
    const [http, grpc] = [await sessionOf("httpPort", trusted), await sessionOf("port", trusted)];
    for (let time = 0; time < 2; time += 1) {
      expect(await byHttp({ ...trusted, session: http })).toBe(200);
      expect(await byGrpc({ ...trusted, session: grpc })).toBe("0");
    }
  });

  it.each<[string, () => Own]>([
    ["that shows no certificate", () => ({})],
    ["of another authority", () => authority("theirs").issue("hub")],
    ["of another authority of that name", () => authority("image-source e2e").issue("hub")],
    ["whose certificate has expired", () => ours.issue("hub", expired)],
    ["that signs itself", () => authority("hub")],
  ])("a session of a client %s opens neither port", async (_, certificate) => {
    const own = certificate();
    const session = await sessionOf("httpPort", own);
    expect(await byHttp({ ...own, session })).toBe(401);
    expect(await byGrpc({ ...own, session })).toBe("");
    expect([await byHttp(trusted), await byGrpc(trusted)]).toEqual([200, "0"]);
  });

  it("a session stands for no certificate of an authority that was replaced", async () => {
    const [http, grpc] = [await sessionOf("httpPort", trusted), await sessionOf("port", trusted)];
    const theirs = authority("theirs");
    const next = theirs.issue("hub");
    writeFileSync(secured.files.ca, theirs.cert);
    await until("the new authority on the HTTP port", async () => (await byHttp(next)) === 200);
    await until("the new authority on the gRPC port", async () => (await byGrpc(next)) === "0");
    expect(await byHttp({ ...trusted, session: http })).toBe(401);
    expect(await byGrpc({ ...trusted, session: grpc })).toBe("");
  });
});
