import { renameSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type FakeRegistry, failure, type Reply } from "../support/registry.ts";
import {
  configFile,
  failureOf,
  fakeClock,
  listAll,
  never,
  type ReaderSetup,
  readerOf,
  recordedLog,
  startRegistry,
  temporaryFile,
} from "./reader.ts";

const list = "/v2/lab/image/tags/list";
const names = ["a", "b", "c"];
const users = { puller: "s3cret:word" };

const steps = (registry: FakeRegistry) =>
  registry.requests.map(({ path, headers }) => `${path} ${headers.authorization?.split(" ")[0] ?? "-"}`);

/** A registry that asks for a token, and a reader with the right login. */
async function withTokens(options: Parameters<typeof startRegistry>[0] = {}, setup: ReaderSetup = {}) {
  const registry = await startRegistry({
    repositories: { "lab/image": names },
    login: "token",
    users,
    ...options,
  });
  const credentialsFile = configFile(registry.host);
  const reader = readerOf(registry, { ...setup, options: { credentialsFile, ...setup.options } });
  return { registry, reader, credentialsFile };
}

/** A registry that answers everything without a token with this challenge. */
async function challenged(challenge: string | string[], setup: ReaderSetup = {}) {
  const registry = await startRegistry({ repositories: { "lab/image": names }, users });
  const headers = {
    "www-authenticate": [challenge].flat().map((text) => text.replaceAll("ORIGIN", registry.origin)),
  };
  const isToken = (authorization = "") => authorization.startsWith("Bearer ");
  registry.rule({
    path: /^\/v2\//,
    reply: (request) => (isToken(request.headers.authorization) ? undefined : { status: 401, headers }),
  });
  const credentialsFile = configFile(registry.host);
  const reader = readerOf(registry, { ...setup, options: { credentialsFile, ...setup.options } });
  return { registry, reader };
}

const scopes = (registry: FakeRegistry) =>
  registry.received("GET", /^\/token/).map(({ query }) => new URLSearchParams(query).getAll("scope"));

describe("a registry that gives tokens", () => {
  it("case 17, case 29: is asked as it is, and after a 401 with a token for our scope", async () => {
    const { registry, reader } = await withTokens();
    expect((await listAll(reader)).names).toEqual(names);
    expect(steps(registry)).toEqual([`${list} -`, "/token Basic", `${list} Bearer`]);
    expect(registry.requests[1]?.query).toBe(
      "service=fake.example.org&scope=repository%3Alab%2Fimage%3Apull",
    );
  });

  it("case 18: gives one without a login, too", async () => {
    const { registry, reader } = await withTokens({}, { options: { credentialsFile: undefined } });
    expect((await listAll(reader)).names).toEqual(names);
    expect(steps(registry)).toEqual([`${list} -`, "/token -", `${list} Bearer`]);
  });

  it.each([
    ["token", (token: string) => ({ token })],
    ["access_token", (token: string) => ({ access_token: token })],
    ["both", (token: string) => ({ token, access_token: token })],
    ["token, beside an access_token that is empty", (token: string) => ({ token, access_token: "" })],
  ])("case 19: may call it %s", async (_, tokenAnswer) => {
    const { reader } = await withTokens({ tokenAnswer });
    expect((await listAll(reader)).names).toEqual(names);
  });

  it.each([
    ["no token", {}],
    ["a token that is no text", { token: 7 }],
    ["a token with a line break", { token: "a\r\nb" }],
    ["a list", []],
  ])("case 19: fails where it answers %s", async (_, answer) => {
    const { reader } = await withTokens({ tokenAnswer: () => answer });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_corrupt" });
  });

  const second = 1000;
  const now = fakeClock().time;
  const at = (offset: number) => new Date(now + offset).toISOString();

  it.each([
    ["does not tell lives a minute", {}, 49, 51],
    ["tells shorter than a minute lives a minute", { expires_in: 1 }, 49, 51],
    ["tells as no number lives a minute", { expires_in: "soon" }, 49, 51],
    ["tells lives as long, and is renewed early", { expires_in: 300 }, 289, 291],
    ["counts from when it was issued", { expires_in: 300, issued_at: at(-100 * second) }, 189, 191],
    ["was issued in the future counts from now", { expires_in: 300, issued_at: at(3600 * second) }, 289, 291],
    ["is over when it comes counts from now", { expires_in: 300, issued_at: at(-400 * second) }, 289, 291],
    ["was issued at no time counts from now", { expires_in: 300, issued_at: "yesterday" }, 289, 291],
  ])("case 20: a token whose life it %s", async (_, told, fresh, stale) => {
    const clock = fakeClock();
    const { registry, reader } = await withTokens(
      { tokenAnswer: (token) => ({ token, ...told }) },
      { clock },
    );
    await listAll(reader);
    clock.time = now + fresh * second;
    await listAll(reader);
    expect(registry.received("GET", "/token")).toHaveLength(1);
    clock.time = now + stale * second;
    await listAll(reader);
    expect(registry.received("GET", "/token")).toHaveLength(2);
    // Renewed before it is used, not after a refusal.
    expect(registry.received("GET", list)).toHaveLength(4);
  });

  it("case 21: is asked for one more when a token ends in the middle of a listing, which goes on", async () => {
    const { registry, reader } = await withTokens({ maxPage: 1 });
    const listed: string[] = [];
    for await (const page of reader.list(never)) {
      listed.push(...page.tags.map(({ name }) => name));
      if (listed.length === 2) registry.revokeTokens();
    }
    expect(listed).toEqual(names);
    expect(registry.received("GET", "/token")).toHaveLength(2);
  });

  it("case 22: gives tokens for one repository, which are not sent for another", async () => {
    const { registry, reader, credentialsFile } = await withTokens({
      repositories: { "lab/image": names, "lab/other": ["x"] },
    });
    const other = readerOf(registry, { options: { repository: "lab/other", credentialsFile } });
    await Promise.all([listAll(reader), listAll(other)]);
    expect(scopes(registry).flat().toSorted()).toEqual([
      "repository:lab/image:pull",
      "repository:lab/other:pull",
    ]);
    const sent = (path: string) => registry.received("GET", path).map(({ headers }) => headers.authorization);
    expect(sent(list).at(-1)).toMatch(/^Bearer token-/);
    expect(sent("/v2/lab/other/tags/list").at(-1)).toMatch(/^Bearer token-/);
    expect(sent(list).at(-1)).not.toBe(sent("/v2/lab/other/tags/list").at(-1));
  });

  it("case 22: gives tokens for a login, which are not used for the next login", async () => {
    const changed = Promise.withResolvers<void>();
    const { registry, reader, credentialsFile } = await withTokens(
      { users: { ...users, next: "another" } },
      { log: { ...recordedLog(), info: () => changed.resolve() }, filesIntervalMs: 5 },
    );
    await listAll(reader);
    writeFileSync(
      credentialsFile,
      JSON.stringify({ auths: { [registry.host]: { username: "next", password: "another" } } }),
    );
    // The first token would still be taken.
    await changed.promise;
    await listAll(reader);
    const logins = registry
      .received("GET", "/token")
      .map(({ headers }) => headers.authorization?.slice(6) ?? "");
    expect(logins.map((login) => Buffer.from(login, "base64").toString())).toEqual([
      "puller:s3cret:word",
      "next:another",
    ]);
  });

  it("case 23: is asked for one token by all who need one at once, first and later", async () => {
    const { registry, reader } = await withTokens({}, { options: { maxRequests: 20 } });
    const twenty = () => Promise.all(Array.from({ length: 20 }, () => reader.resolve("a", never)));
    await twenty();
    expect(registry.received("GET", "/token")).toHaveLength(1);
    registry.revokeTokens();
    await twenty();
    expect(registry.received("GET", "/token")).toHaveLength(2);
  });

  it("case 30: is asked once more where a scope was missing, and not without end", async () => {
    const wider = "repository:lab/image:pull,metadata_read";
    const { registry, reader } = await withTokens();
    const insufficient = `Bearer realm="/token",service="s",scope="${wider}",error="insufficient_scope"`;
    registry.rule({
      path: list,
      reply: ({ headers }) =>
        headers.authorization === undefined || headers.authorization === "Bearer token-1"
          ? { status: 401, headers: { "www-authenticate": insufficient } }
          : undefined,
    });
    expect((await listAll(reader)).names).toEqual(names);
    expect(scopes(registry)).toEqual([["repository:lab/image:pull"], ["repository:lab/image:pull", wider]]);

    registry.rule({ path: list, reply: { status: 401, headers: { "www-authenticate": insufficient } } });
    const before = registry.requests.length;
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_denied" });
    expect(registry.requests.length - before).toBeLessThanOrEqual(4);
  });

  it("case 30: is asked for no right but to read, and not for more and more", async () => {
    const { registry, reader } = await withTokens();
    let count = 0;
    const nextScope = () => {
      count += 1;
      return `repository:other/image-${count}:pull repository:lab/image:pull,push`;
    };
    registry.rule({
      path: list,
      reply: () => {
        const challenge = `Bearer realm="/token",service="s",scope="${nextScope()}",error="insufficient_scope"`;
        return { status: 401, headers: { "www-authenticate": challenge } };
      },
    });
    for (let call = 0; call < 12; call += 1) await failureOf(listAll(reader));
    const asked = scopes(registry).flat();
    expect(asked.filter((scope) => scope.includes("push"))).toEqual([]);
    expect(new Set(asked).size).toBe(8);
  });

  it.each([
    [401, "UNAUTHORIZED"],
    [403, "DENIED"],
  ])("case 32, case 33: that refuses our login with %s is told in its own words", async (status, code) => {
    const { registry, reader } = await withTokens();
    registry.rule({ path: "/token", reply: failure(status, code, "account is locked") });
    const error = await failureOf(listAll(reader));
    expect(error).toMatchObject({ fault: "registry_denied" });
    expect(error.message).toBe(
      `GET /token at ${registry.host} was answered with ${status}: ${code}: account is locked`,
    );
    expect(registry.received("GET", "/token")).toHaveLength(1);
  });

  it("case 110: that repeats our login in its refusal does not have it passed on", async () => {
    const { registry, reader } = await withTokens();
    const login = ({ authorization = "" }) => failure(401, "UNAUTHORIZED", `${authorization} is wrong`);
    registry.rule({ path: "/token", reply: ({ headers }) => login(headers) });
    expect((await failureOf(listAll(reader))).message).toContain("Basic [secret] is wrong");
  });

  it.each([
    ["its token endpoint with 401", "/token", 401],
    ["its token endpoint with 403", "/token", 403],
    ["itself with 401", list, 401],
    ["itself with 403", list, 403],
  ])("case 33: that refuses us without a login, %s, may not have the repository", async (_, path, status) => {
    const { registry, reader } = await withTokens({}, { options: { credentialsFile: undefined } });
    registry.rule({
      path,
      reply: ({ headers }) =>
        path === "/token" || headers.authorization !== undefined
          ? failure(status, "DENIED", "access denied")
          : undefined,
    });
    const error = await failureOf(listAll(reader));
    expect(error).toMatchObject({ fault: "repository_not_found" });
    expect(error.message).toContain("asked without credentials");
  });

  it("case 31: that denies without a challenge is not asked again", async () => {
    const { registry, reader } = await withTokens();
    registry.rule({ path: list, reply: failure(403, "DENIED", "denied") });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_denied" });
    expect(registry.requests).toHaveLength(1);
  });

  it("case 29: that gives no challenge is asked for one at its root, once", async () => {
    const { registry, reader } = await withTokens();
    registry.rule({
      path: list,
      reply: ({ headers }) => (headers.authorization === undefined ? { status: 401 } : undefined),
    });
    expect((await listAll(reader)).names).toEqual(names);
    expect(steps(registry)).toEqual([`${list} -`, "/v2/ -", "/token Basic", `${list} Bearer`]);
    // What the root names as a scope is a placeholder (case 28).
    expect(scopes(registry)).toEqual([["repository:lab/image:pull"]]);
  });
});

describe("a challenge", () => {
  const token = 'realm="ORIGIN/token",service="s"';

  it.each([
    ["case 24: a comma inside quotes", `Bearer ${token},scope="repository:lab/image:pull,push"`],
    ["case 24: a realm without quotes", "Bearer realm=ORIGIN/token,service=s"],
    ["case 24: an escape", 'Bearer realm="ORIGIN\\/token",service="s"'],
    ["case 24: more parameters", `Bearer ${token},charset="UTF-8",error="invalid_token",empty=""`],
    ["case 25: an unknown scheme first", `Negotiate, Basic realm="x", Bearer ${token}`],
    ["case 25: a scheme with a value of its own", `Negotiate YII+/Q==, Bearer ${token}, NTLM`],
    ["case 25: Basic after it", `Bearer ${token}, Basic realm="x"`],
    ["case 25: several headers", ["Negotiate", 'Basic realm="x"', `Bearer ${token}`]],
    ["case 26: other letters", 'bEARER Realm="ORIGIN/token",SERVICE="s"'],
    ["case 26: spaces around everything", '  Bearer   realm = "ORIGIN/token" ,  service = "s" '],
    ["case 27: a relative realm", 'Bearer realm="/token",service="s"'],
    ["case 28: a placeholder of GHCR", `Bearer ${token},scope="repository:user/image:pull"`],
    ["case 28: a placeholder of Codeberg", `Bearer ${token},scope="*"`],
  ])("with %s is answered for our own scope", async (_, challenge) => {
    const { registry, reader } = await challenged(challenge);
    expect((await listAll(reader)).names).toEqual(names);
    expect(steps(registry)).toEqual([`${list} -`, "/token Basic", `${list} Bearer`]);
    expect(registry.requests[1]?.query).toBe("service=s&scope=repository%3Alab%2Fimage%3Apull");
  });

  it("case 111: cannot put anything else into the request for a token", async () => {
    const { registry, reader } = await challenged(
      'Bearer realm="ORIGIN/token?a=1",service="x&scope=repository:b:*#y z"',
    );
    await listAll(reader);
    const { query = "" } = registry.received("GET", "/token")[0] ?? {};
    expect([...new URLSearchParams(query)]).toEqual([
      ["a", "1"],
      ["service", "x&scope=repository:b:*#y z"],
      ["scope", "repository:lab/image:pull"],
    ]);
  });

  it.each([
    ["a missing comma", 'Bearer realm="ORIGIN/token" service="s"'],
    ["a missing quote", 'Bearer realm="ORIGIN/token'],
    ["a missing quote further on", 'Bearer realm="ORIGIN/token",service="s'],
    ["a missing scheme", '="ORIGIN/token"'],
    ["a tab in a value (case 111)", 'Bearer realm="ORIGIN/token",service="a\tb"'],
  ])("case 24: with %s is an error", async (_, challenge) => {
    const { registry, reader } = await challenged(challenge);
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_corrupt" });
    expect(registry.requests).toHaveLength(1);
  });

  it.each([
    ["of an unknown kind", "Negotiate"],
    ["of a Bearer without a realm", 'Bearer service="s"'],
  ])("%s leaves us denied", async (_, challenge) => {
    const { reader } = await challenged(challenge);
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_denied" });
  });
});

describe("a registry that asks for Basic", () => {
  const basic = { repositories: { "lab/image": names }, login: "basic", users } as const;

  it("case 36: gets it with every request, and nobody is asked for a token", async () => {
    const registry = await startRegistry({ ...basic, maxPage: 1 });
    const reader = readerOf(registry, { options: { credentialsFile: configFile(registry.host) } });
    expect((await listAll(reader)).names).toEqual(names);
    await reader.resolve("a", never);
    expect(steps(registry).slice(0, 2)).toEqual([`${list} -`, `${list} Basic`]);
    for (const { headers } of registry.requests.slice(1)) {
      expect(headers.authorization).toBe(`Basic ${Buffer.from("puller:s3cret:word").toString("base64")}`);
    }
    expect(registry.received("GET", "/token")).toEqual([]);
  });

  it.each([
    ["case 33: refuses us without a login", undefined, "repository_not_found"],
    ["case 33: refuses a wrong login, once", "wrong", "registry_denied"],
  ])("%s", async (_, password, fault) => {
    const registry = await startRegistry(basic);
    const credentialsFile =
      password === undefined ? undefined : configFile(registry.host, "puller", password);
    const reader = readerOf(registry, { options: { credentialsFile } });
    expect(await failureOf(listAll(reader))).toMatchObject({ fault });
    expect(registry.requests).toHaveLength(password === undefined ? 1 : 2);
  });

  it("case 41: gets a login that has changed on disk, as soon as the old one is refused", async () => {
    const users: Record<string, string> = { puller: "old" };
    const registry = await startRegistry({ ...basic, users });
    const credentialsFile = configFile(registry.host, "puller", "old");
    const log = recordedLog();
    const reader = readerOf(registry, { log, options: { credentialsFile } });
    await listAll(reader);

    users.puller = "new";
    writeFileSync(credentialsFile, '{"auths": {');
    expect(await failureOf(listAll(reader))).toMatchObject({ fault: "registry_denied" });
    expect(log.text()).toContain(
      `error credentials file ${credentialsFile}: it is no JSON object; the last good content`,
    );

    renameSync(configFile(registry.host, "puller", "new"), credentialsFile);
    expect((await listAll(reader)).names).toEqual(names);
  });
});

describe("a config file", () => {
  const asked = async (entry: object, replies: Reply[] = []) => {
    const registry = await startRegistry({ repositories: { "lab/image": names }, login: "token", users });
    for (const reply of replies.toReversed()) registry.rule({ path: "/token", times: 1, reply });
    const credentialsFile = temporaryFile({ auths: { [registry.host]: entry } });
    const reader = readerOf(registry, { options: { credentialsFile } });
    return { registry, reader };
  };
  const form = ({ body }: { body: string }) => Object.fromEntries(new URLSearchParams(body));

  it.each([
    ["an identity token", { identitytoken: "refresh-me" }],
    ["a user called <token>", { username: "<token>", password: "refresh-me" }],
  ])("case 34: with %s logs in by POST, and keeps the newer token it is given", async (_, entry) => {
    const { registry, reader } = await asked(entry, [
      { status: 200, body: { access_token: "worthless", refresh_token: "newer" } },
    ]);
    await failureOf(listAll(reader));
    await listAll(reader);
    const [first, second] = registry.received("POST", "/token");
    expect(form(first ?? { body: "" })).toEqual({
      grant_type: "refresh_token",
      refresh_token: "refresh-me",
      client_id: "image-source",
      service: "fake.example.org",
      scope: "repository:lab/image:pull",
    });
    expect(form(second ?? { body: "" })).toMatchObject({ refresh_token: "newer" });
  });

  it("case 34: goes back to the configured token where the newer one is refused", async () => {
    const { registry, reader } = await asked({ identitytoken: "refresh-me" }, [
      { status: 200, body: { access_token: "worthless", refresh_token: "newer" } },
      { status: 401 },
    ]);
    await failureOf(listAll(reader));
    await listAll(reader);
    const sent = registry.received("POST", "/token").map((request) => form(request).refresh_token);
    expect(sent).toEqual(["refresh-me", "newer", "refresh-me"]);
  });

  it.each([404, 405])(
    "case 34: with an identity token goes by GET where POST is answered %s",
    async (status) => {
      const { registry, reader } = await asked({ identitytoken: "refresh-me" }, [{ status }]);
      expect((await listAll(reader)).names).toEqual(names);
      expect(registry.requests.map(({ method }) => method)).toEqual(["GET", "POST", "GET", "GET"]);
    },
  );

  it("case 35: with a registry token sends it as it is", async () => {
    const { registry, reader } = await asked({ registrytoken: "as-it-is" });
    registry.rule({ path: list, reply: { status: 200, body: { tags: names } } });
    await listAll(reader);
    expect(registry.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer as-it-is"]);
  });

  it.each([
    ["oauth2accesstoken", "ya29.a0Af_token-with.dots/and+more=="],
    ["_json_key", '{\n  "type": "service_account",\n  "private_key": "-----BEGIN KEY-----\\nMII=\\n"\n}\n'],
    ["_json_key_base64", Buffer.from('{"type": "service_account"}').toString("base64")],
  ])("case 136: with Google's %s logs in with it letter by letter", async (username, password) => {
    const registry = await startRegistry({
      repositories: { "lab/image": names },
      login: "token",
      users: { [username]: password },
    });
    const credentialsFile = configFile(registry.host, username, password);
    const reader = readerOf(registry, { options: { credentialsFile } });
    expect((await listAll(reader)).names).toEqual(names);
    expect(steps(registry)).toEqual([`${list} -`, "/token Basic", `${list} Bearer`]);
  });
});
