import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { isBlockedAddress } from "../../src/registry/addresses.ts";
import { guardedConnector, guardedLookup } from "../../src/registry/connector.ts";
import { allowedRealm } from "../../src/registry/realm.ts";
import { type FakeRegistry, failure } from "../support/registry.ts";
import { authority } from "./certificates.ts";
import { configFile, failureOf, listAll, never, readerOf, startRegistry, temporaryFile } from "./reader.ts";

const list = "/v2/lab/image/tags/list";
const manifest = "/v2/lab/image/manifests/a";
const repositories = { "lab/image": ["a"] };
const users = { puller: "s3cret:word" };

describe("case 100: credentials go to", () => {
  const registry = "https://registry.example.org:5000";
  const hub = "https://registry-1.docker.io";

  it.each([
    ["the registry's own host and port", registry, [], "https://registry.example.org:5000/token"],
    ["the registry's own host, in other letters", registry, [], "https://REGISTRY.example.org:5000/token"],
    ["a path of the registry (case 27)", registry, [], "/token?a=b"],
    ["Docker Hub's token endpoint", hub, [], "https://auth.docker.io/token"],
    [
      "GitLab.com's token endpoint (case 122)",
      "https://registry.gitlab.com",
      [],
      "https://gitlab.com/jwt/auth",
    ],
    ["a host that is named", registry, ["auth.example.org"], "https://auth.example.org/token"],
    [
      "a host that is named with its port",
      registry,
      ["auth.example.org:8443"],
      "https://auth.example.org:8443/token",
    ],
    [
      "a host that is named with the default port",
      registry,
      ["auth.example.org:443"],
      "https://auth.example.org/token",
    ],
    [
      "a loopback host that is named (case 101)",
      registry,
      ["127.0.0.1:5080"],
      "https://127.0.0.1:5080/token",
    ],
    ["a registry without TLS", "http://127.0.0.1:5000", [], "http://127.0.0.1:5000/token"],
  ])("%s", (_, origin, authHosts, realm) => {
    expect(allowedRealm(realm, { origin, authHosts }).href).toBe(new URL(realm, origin).href);
  });

  it.each([
    [
      "its own host, if it names it by http behind a TLS proxy",
      registry,
      "http://registry.example.org/a?b=c",
    ],
    ["its own host and port, if it names it by http", registry, "http://registry.example.org:5000/a?b=c"],
  ])("case 121: the registry by https, %s", (_, origin, realm) => {
    expect(allowedRealm(realm, { origin, authHosts: [] }).href).toBe(`${registry}/a?b=c`);
  });

  it.each([
    ["another host", registry, [], "https://auth.example.com/token", "auth.example.com"],
    ["another port", registry, [], "https://registry.example.org/token", "registry.example.org"],
    [
      "a host below",
      registry,
      [],
      "https://auth.registry.example.org:5000/t",
      "auth.registry.example.org:5000",
    ],
    ["a host above", registry, [], "https://example.org:5000/t", "example.org:5000"],
    [
      "a host that ends alike (case 40)",
      registry,
      ["example.com"],
      "https://evil-example.com/t",
      "evil-example.com",
    ],
    [
      "another port of a named host",
      registry,
      ["a.example.org"],
      "https://a.example.org:81/t",
      "a.example.org:81",
    ],
    ["Docker Hub's endpoint, for others", registry, [], "https://auth.docker.io/token", "auth.docker.io"],
    ["a metadata service (case 101)", registry, [], "https://169.254.169.254/token", "169.254.169.254"],
    ["this machine (case 101)", registry, [], "https://2130706433/token", "127.0.0.1"],
    ["another host without a scheme", registry, [], "//auth.example.com/token", "auth.example.com"],
  ])("not to %s", (_, origin, authHosts, realm, host) => {
    expect(() => allowedRealm(realm, { origin, authHosts })).toThrow(
      `registry.example.org:5000 names a token endpoint on ${host}, which may not get credentials; ` +
        "if it is the registry's own, name it in authHosts of the source",
    );
  });

  it.each([
    ["http", ["auth.example.org"], "http://auth.example.org/token", "which is not https"],
    ["another scheme", [], "file:///etc/passwd", "which is not https"],
    ["a user name", [], "https://user@registry.example.org:5000/token", "with a user name"],
    ["a user name and http", [], "http://user:x@registry.example.org:5000/token", "with a user name"],
    ["no URL at all", [], "https://[bad/token", "is no URL"],
  ])("case 99: not to %s", (_, authHosts, realm, because) => {
    expect(() => allowedRealm(realm, { origin: registry, authHosts })).toThrow(because);
  });

  it("case 99: nobody else, on the wire", async () => {
    const other = await startRegistry();
    const registry = await startRegistry({ repositories });
    const challenge = `Bearer realm="${other.origin}/token",service="s"`;
    registry.rule({ path: list, reply: { status: 401, headers: { "www-authenticate": challenge } } });
    const options = { credentialsFile: configFile(registry.host) };
    const error = await failureOf(listAll(readerOf(registry, { options })));
    expect(error).toMatchObject({ fault: "registry_denied" });
    expect(error.message).toContain(other.host);
    expect(error.message).toContain("authHosts");
    expect(other.requests).toEqual([]);

    const named = readerOf(registry, { options: { ...options, authHosts: [other.host] } });
    await failureOf(listAll(named));
    expect(other.received("GET", "/token")).toHaveLength(1);
  });

  it("case 104: nobody that a token endpoint redirects to", async () => {
    const other = await startRegistry();
    const registry = await startRegistry({ repositories, login: "token", users });
    registry.rule({ path: "/token", reply: { status: 307, headers: { location: `${other.origin}/token` } } });
    const options = { credentialsFile: configFile(registry.host), authHosts: [other.host] };
    const error = await failureOf(listAll(readerOf(registry, { options })));
    expect(error).toMatchObject({ fault: "registry_corrupt" });
    expect(error.message).toContain("was answered with 307");
    expect(other.requests).toEqual([]);
  });

  it("case 108: and a token over its limit is an error", async () => {
    const registry = await startRegistry({
      repositories,
      login: "token",
      tokenAnswer: (token) => ({ token, padding: "x".repeat(300_000) }),
    });
    expect(await failureOf(listAll(readerOf(registry)))).toMatchObject({ fault: "registry_limit" });
  });
});

describe("case 101: an address that a registry may not send us to", () => {
  it.each([
    "127.0.0.1",
    "127.255.0.1",
    "0.0.0.0",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "[::1]",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "fd00:ec2::254",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::1",
  ])("is %s (case 103)", (address) => {
    expect(isBlockedAddress(address)).toBe(true);
  });

  it.each([
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "8.8.8.8",
    "fd00::1",
    "2001:db8::1",
    "::ffff:8.8.8.8",
    "::ffff:10.0.0.1",
    "64:ff9b::808:808",
    "registry.example.org",
  ])("is not %s", (address) => {
    expect(isBlockedAddress(address)).toBe(false);
  });

  it("is not connected to where it is written as one (case 102)", async () => {
    const target = { hostname: "127.0.0.1", host: "127.0.0.1:1", protocol: "http:", port: "1" };
    const error = await new Promise((resolve) =>
      guardedConnector({})(target, (...[failure]) => resolve(failure)),
    );
    expect(String(error)).toContain("127.0.0.1 is this machine");
  });

  it.each([{ all: true }, { all: false }])(
    "is found behind its name, however it is asked for (case 102): %o",
    async (options) => {
      const error = await new Promise((resolve) =>
        guardedLookup("localhost", options, (failure) => resolve(failure)),
      );
      expect(String(error)).toContain("localhost is this machine");
    },
  );
});

describe("a redirect", () => {
  const redirecting = async (location: (registry: FakeRegistry) => string, path: string = list) => {
    const registry = await startRegistry({ repositories, login: "basic", users });
    registry.rule({
      path,
      reply: ({ headers }) =>
        headers.authorization === undefined
          ? undefined
          : { status: 307, headers: { location: location(registry) }, body: "elsewhere" },
    });
    return { registry, options: { credentialsFile: configFile(registry.host) } };
  };

  it("case 105: on the registry itself is followed with the login", async () => {
    const { registry, options } = await redirecting(() => "/moved?x=1");
    registry.rule({ path: "/moved", reply: { status: 200, body: { tags: ["a"] } } });
    expect((await listAll(readerOf(registry, { options }))).names).toEqual(["a"]);
    expect(registry.received("GET", "/moved")[0]?.headers.authorization).toMatch(/^Basic /);
  });

  it("case 105, case 106: to another host is followed without the login, and no login is made there", async () => {
    const other = await startRegistry({ repositories, login: "token" });
    const { registry, options } = await redirecting(() => `${other.origin}${list}`);
    const reader = readerOf(registry, { options: { ...options, authHosts: [other.host] } });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_denied" });
    expect(other.requests.map(({ path, headers }) => [path, headers.authorization])).toEqual([
      [list, undefined],
    ]);
  });

  it("case 106: to another host is not answered where that asks for a login, though it might get ours", async () => {
    const other = await startRegistry({ repositories, login: "token", users });
    const registry = await startRegistry();
    registry.rule({ path: list, reply: { status: 307, headers: { location: `${other.origin}${list}` } } });
    const options = { credentialsFile: configFile(registry.host), authHosts: [other.host] };
    expect(await failureOf(listAll(readerOf(registry, { options })))).toMatchObject({
      fault: "registry_denied",
    });
    expect(other.requests.map(({ path }) => path)).toEqual([list]);
  });

  it("case 105: back from another host does not get the login back", async () => {
    const other = await startRegistry();
    const { registry, options } = await redirecting(() => `${other.origin}/away`);
    other.rule({ path: "/away", reply: { status: 302, headers: { location: `${registry.origin}/back` } } });
    registry.rule({ path: "/back", reply: { status: 200, body: { tags: ["a"] } } });
    await listAll(readerOf(registry, { options: { ...options, authHosts: [other.host] } }));
    expect(registry.received("GET", "/back")[0]?.headers.authorization).toBeUndefined();
  });

  it.each([
    ["to this machine (case 101)", "http://127.0.0.1:1/", "registry_denied", "this machine"],
    ["to this machine, by a name (case 102)", "http://localhost:1/", "registry_denied", "this machine"],
    ["to a metadata service", "http://169.254.169.254/latest", "registry_denied", "metadata service"],
    ["with a user name", "https://user:x@a.invalid/", "registry_corrupt", "user name"],
    ["to a file", "file:///etc/passwd", "registry_corrupt", "leaves https"],
    ["to nowhere", "http://[bad/", "registry_corrupt", "no URL"],
  ])("case 105: %s is refused", async (_, location, fault, because) => {
    const { registry, options } = await redirecting(() => location);
    const error = await failureOf(listAll(readerOf(registry, { options })));
    expect(error).toMatchObject({ fault });
    expect(error.message).toContain(because);
  });

  it("case 105: from https to http is refused", async () => {
    const ca = authority("a test CA");
    const registry = await startRegistry({ tls: ca.issue("registry") });
    const other = await startRegistry({ repositories });
    registry.rule({
      path: list,
      reply: { status: 302, headers: { location: `${other.origin}${list}?token=s3cret` } },
    });
    const options = { scheme: "https", caFile: temporaryFile(ca.cert), authHosts: [other.host] } as const;
    const error = await failureOf(listAll(readerOf(registry, { options })));
    expect(error).toMatchObject({ fault: "registry_corrupt" });
    expect(error.message).toContain(`it leaves https for ${other.host}`);
    expect(error.message).not.toContain("s3cret");
    expect(other.requests).toEqual([]);
  });

  it("case 105: after redirect after redirect ends", async () => {
    const { registry, options } = await redirecting(() => list);
    expect(await failureOf(listAll(readerOf(registry, { options })))).toMatchObject({
      fault: "registry_corrupt",
    });
    expect(registry.requests).toHaveLength(1 + 6);
  });

  it("without a place to go to makes no sense", async () => {
    const registry = await startRegistry();
    registry.rule({ path: list, reply: { status: 302 } });
    expect(await failureOf(listAll(readerOf(registry)))).toMatchObject({ fault: "registry_corrupt" });
  });

  it("case 69: of a HEAD to a store that is for GET only leads to a GET", async () => {
    const store = await startRegistry();
    const bytes = '{"schemaVersion":2}';
    store.rule({ method: "HEAD", reply: failure(403, "SignatureDoesNotMatch", "signed for GET") });
    store.rule({ method: "GET", reply: { status: 200, body: bytes } });
    const { registry, options } = await redirecting(() => `${store.origin}/blob?signature=x`, manifest);
    const reader = readerOf(registry, { options: { ...options, authHosts: [store.host] } });
    expect(await reader.resolve("a", never)).toMatch(/^sha256:/);
    expect(store.requests.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ["HEAD", undefined],
      ["GET", undefined],
    ]);
  });
});

describe("case 113: a proxy", () => {
  const ca = authority("a test CA");

  /** Tunnels every host to where it is asked to, and tells which. */
  async function startProxy({ refuse = false } = {}) {
    const asked: string[] = [];
    const sockets: Socket[] = [];
    const server = createServer().on("connect", (request, socket: Socket) => {
      asked.push(request.url ?? "");
      sockets.push(socket);
      socket.on("error", () => {});
      if (refuse) {
        socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
        return;
      }
      const [host, port] = (request.url ?? "").split(":");
      const target = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        target.pipe(socket).pipe(target);
      });
      sockets.push(target);
      target.on("error", () => {});
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { asked, httpsProxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }

  const setup = async () => {
    const registry = await startRegistry({ repositories, tls: ca.issue("registry") });
    const proxy = await startProxy();
    const options = { scheme: "https", caFile: temporaryFile(ca.cert) } as const;
    return { registry, proxy, options };
  };

  it("is gone through, and the registry's certificate is checked all the same", async () => {
    const { registry, proxy, options } = await setup();
    const reader = readerOf(registry, { options, proxy: { ...proxy, noProxy: "" } });
    expect((await listAll(reader)).names).toEqual(["a"]);
    expect(proxy.asked).toEqual([registry.host]);
    const untrusting = readerOf(registry, { options: { scheme: "https" }, proxy: { ...proxy, noProxy: "" } });
    expect((await failureOf(listAll(untrusting))).message).toContain("certificate");
    expect(registry.requests).toHaveLength(1);
  });

  it.each(["docker.io", "index.docker.io", "registry-1.docker.io", "Docker.io:443"])(
    "is asked for Docker Hub's registry where %s is configured (case 2)",
    async (registry) => {
      const proxy = await startProxy({ refuse: true });
      const options = { scheme: "https", registry } as const;
      const reader = readerOf({ host: registry }, { options, proxy: { ...proxy, noProxy: "" } });
      expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_unavailable" });
      expect([...new Set(proxy.asked)]).toEqual(["registry-1.docker.io:443"]);
    },
  );

  it("is not gone through to the hosts that are excepted", async () => {
    const { registry, proxy, options } = await setup();
    const reader = readerOf(registry, { options, proxy: { ...proxy, noProxy: "127.0.0.1" } });
    expect((await listAll(reader)).names).toEqual(["a"]);
    expect(proxy.asked).toEqual([]);
  });

  it("is not asked for an address that a registry may not send us to", async () => {
    const { registry, proxy, options } = await setup();
    registry.rule({ path: list, reply: { status: 302, headers: { location: "https://169.254.169.254/" } } });
    const reader = readerOf(registry, { options, proxy: { ...proxy, noProxy: "" } });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_denied" });
    expect(proxy.asked).toEqual([registry.host]);
  });
});
