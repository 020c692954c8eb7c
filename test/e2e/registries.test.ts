/**
 * Registries as they really are: with a login, with tokens that end, with TLS, in pages with and without links, killed
 * in the middle of a listing. What is read of them, what callers are told where that does not work, and that no
 * secret is ever told to anybody.
 */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { UpdateImagesResponse } from "../../gen/imagesource/v1/image_source_service_pb.ts";
import { chosen } from "./expected/lab-answers.ts";
import { labImagesByTag } from "./expected/lab-images.ts";
import { menuAtStart } from "./expected/lab-menu.ts";
import { menu } from "./expected/rows.ts";
import { type Ask, clients } from "./support/clients.ts";
import { labRepository, manyRepository, manyTags } from "./support/content.ts";
import { type DockerConfig, dockerConfig, encoded, type Login } from "./support/docker-config.ts";
import { type Failure, failure } from "./support/failure.ts";
import { freePlace, type Place, portsOf } from "./support/place.ts";
import {
  basicLogin,
  type RealRegistries,
  startRealRegistries,
  tokenUsers,
} from "./support/real-registries.ts";
import { type Runtime, runtimes, type Service, startService } from "./support/service.ts";
import { until } from "./support/until.ts";

const wrong: Login = { user: "puller", password: "n0t-the-passw0rd" };
const tokenLogin = (user: keyof typeof tokenUsers): Login => ({ user, password: tokenUsers[user].password });

let registries: RealRegistries;
beforeAll(async () => {
  registries = await startRealRegistries();
});
afterAll(() => registries?.stop());

/** The credentials files of one service; those of the last two are written anew while it runs. */
function credentialsFiles({ basic, token }: RealRegistries) {
  return {
    basic: dockerConfig(basic.host, basicLogin),
    basicWrong: dockerConfig(basic.host, wrong),
    token: dockerConfig(token.host, tokenLogin("puller")),
    tokenWrong: dockerConfig(token.host, wrong),
    brief: dockerConfig(token.host, tokenLogin("brief")),
    stranger: dockerConfig(token.host, tokenLogin("stranger")),
    basicChanged: dockerConfig(basic.host, wrong),
    tokenChanged: dockerConfig(token.host, { ...tokenLogin("changing"), password: wrong.password }),
  };
}
type CredentialsFiles = ReturnType<typeof credentialsFiles>;

function configuration(at: Place, files: CredentialsFiles): string {
  const { basic, token, tokens, tls, caFile, linked, unlinked } = registries;
  const lab = { repository: labRepository, aliasTags: ["latest_weekly", "latest_release"] };
  const pin = ["latest_release", "w_2077_44-arm64"];
  const withBasic = (name: string, config?: DockerConfig) => ({
    ...{ name, registry: basic.host, ...lab, pin, credentialsFile: config?.path },
  });
  const withToken = (name: string, config?: DockerConfig, authHosts = [tokens.host]) => ({
    ...{ name, registry: token.host, ...lab, pin, credentialsFile: config?.path, authHosts },
  });
  const withTls = { registry: tls.host, ...lab, pin, scheme: "https" };
  const sources = [
    withBasic("basic", files.basic),
    withBasic("basic-wrong", files.basicWrong),
    withBasic("basic-none"),
    withBasic("basic-changed", files.basicChanged),
    withToken("token", files.token),
    withToken("token-wrong", files.tokenWrong),
    withToken("token-none"),
    withToken("token-stranger", files.stranger),
    withToken("token-elsewhere", files.token, []),
    withToken("token-brief", files.brief),
    withToken("token-changed", files.tokenChanged),
    { name: "tls", ...withTls, caFile },
    { name: "tls-unknown", ...withTls },
    { name: "linked", registry: linked.host, repository: manyRepository },
    { name: "unlinked", registry: unlinked.host, repository: manyRepository },
  ];
  return JSON.stringify({
    ...portsOf(at),
    log: { level: "debug" },
    shutdown: { wait: "0s" },
    sources: sources.map((source) => ({
      type: "docker",
      scheme: "http",
      refreshInterval: 0,
      resolveTtl: 0,
      ...source,
    })),
  });
}

describe.each(Object.keys(runtimes) as Runtime[])("the service under %s", (runtime) => {
  let service: Service;
  let ask: Ask;
  let files: CredentialsFiles;
  /** Everything that callers were told. */
  const told: string[] = [];
  /** Requests of tokens before the service was started. */
  let tokensBefore: number;

  const tokenRequests = (user: string) =>
    registries.tokens.requests.slice(tokensBefore).filter((request) => request.user === user);
  const granted = (user: string) => tokenRequests(user).flatMap(({ token = [] }) => token);
  const log = () => service.program.output();
  const place = (host: string) => ({
    lab: `${host}/${labRepository}`,
    digests: inject("seeded")["docker-registry 2.8"].digests,
  });

  async function update(source: string): Promise<UpdateImagesResponse> {
    const answer = await ask.updateImages({ source });
    told.push(...answer.warnings, answer.snapshot?.lastError ?? "");
    return answer;
  }

  async function refused(call: Promise<unknown>): Promise<Failure> {
    const found = await failure(call);
    told.push(JSON.stringify(found));
    return found;
  }

  const resolve = async (source: string, tagName = "r170") =>
    (await ask.imageForTagName({ source, tagName })).image;

  /** A source of the repository of images is listed, and has what every registry has. */
  async function expectListed(source: string, host: string): Promise<void> {
    const { images, snapshot, warnings } = await update(source);
    expect({ images, warnings }).toEqual({ images: chosen(place(host)), warnings: [] });
    expect(snapshot).toMatchObject({ source, tagCount: 26, imageCount: 9, stale: false, lastError: "" });
    expect((await ask.menuImages({ source })).images).toEqual(
      menu(place(host).lab, menuAtStart(place(host))),
    );
  }

  beforeAll(async () => {
    tokensBefore = registries.tokens.requests.length;
    files = credentialsFiles(registries);
    const at = await freePlace();
    ask = clients(at).gRPC;
    service = await startService(runtime, at, configuration(at, files));
    await until("the first attempt at every source", async () => {
      service.program.mustRun();
      const { sources } = await ask.listSources({});
      return sources.every(({ snapshot, warnings }) => snapshot || warnings.length > 0);
    });
  });
  afterAll(() => service?.program.kill());

  describe.each([
    ["Basic auth", "basic", () => registries.basic],
    ["tokens", "token", () => registries.token],
    ["TLS by a private CA", "tls", () => registries.tls],
  ])("a registry with %s", (_, source, registry) => {
    it("is listed", () => expectListed(source, registry().host));

    it("resolves a tag that is asked for", async () => {
      expect(await resolve(source)).toEqual(labImagesByTag(place(registry().host)).r170);
    });
  });

  it("one token does for all requests", () => {
    expect(granted("puller")).toHaveLength(1);
  });

  describe("a registry that refuses", () => {
    const denied = { code: "FailedPrecondition", reason: "REGISTRY_DENIED" };
    const notFound = { code: "FailedPrecondition", reason: "REPOSITORY_NOT_FOUND" };
    it.each([
      ["a wrong password", "basic-wrong", denied, /answered with 401: /],
      ["no login", "basic-none", notFound, /answered with 401: .*; asked without credentials$/],
      [
        "a wrong password for a token",
        "token-wrong",
        denied,
        /\/token.* answered with 401: .*wrong user or password/,
      ],
      ["no login for a token", "token-none", notFound, /answered with 401: .*; asked without credentials$/],
      ["a login without rights", "token-stranger", denied, /answered with 401: /],
      ["a token server that is not named", "token-elsewhere", denied, /name it in authHosts of the source$/],
      [
        "nothing, but is of an unknown CA",
        "tls-unknown",
        { code: "Unavailable", reason: "REGISTRY_UNAVAILABLE" },
        /: its certificate is not accepted \([A-Z_]+\)$/,
      ],
    ])("%s: the caller is told so", async (_, source, wanted, message) => {
      expect(await refused(update(source))).toMatchObject({
        ...wanted,
        message: expect.stringMatching(message),
      });
      const lookup = await refused(resolve(source));
      expect(lookup).toMatchObject({ code: "Unavailable", reason: "NOT_READY" });
      expect(lookup.message.replace(/^.*?: /, "")).toMatch(message);
    });

    it("the token server is asked without a login where there is none, and not at all where it is not named", () => {
      expect(granted("").length).toBeGreaterThan(0);
      expect(granted("")).toHaveLength(tokenRequests("").length);
      expect(granted("puller")).toHaveLength(1); // for `token`, as before, and not for `token-elsewhere`
    });
  });

  describe("tokens that end before they say", () => {
    /** Waits until the registry takes the last token no more. */
    const end = () =>
      until("the end of the token", async () => {
        const token = granted("brief").at(-1);
        const url = `http://${registries.token.host}/v2/${labRepository}/tags/list`;
        const { status, body } = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
        await body?.cancel();
        return status === 401;
      });

    it("are replaced by one when the registry is listed", async () => {
      await end();
      const before = granted("brief").length;
      expect(before).toBeGreaterThan(0);
      await expectListed("token-brief", registries.token.host);
      expect(granted("brief")).toHaveLength(before + 1);
    });

    it("are replaced by one when tags are resolved", async () => {
      await end();
      const before = granted("brief").length;
      const tags = ["r170", "r27_0_0_rsp19", "exp_random"];
      const found = await Promise.all(tags.map((tag) => resolve("token-brief", tag)));
      const images = labImagesByTag(place(registries.token.host));
      expect(found).toEqual(tags.map((tag) => images[tag]));
      expect(granted("brief")).toHaveLength(before + 1);
    });
  });

  describe("the credentials file is written anew, and the service goes on", () => {
    const changed = () => [
      { source: "basic-changed", file: files.basicChanged, host: registries.basic.host, login: basicLogin },
      {
        ...{ source: "token-changed", file: files.tokenChanged, host: registries.token.host },
        login: tokenLogin("changing"),
      },
    ];
    const denied = { code: "FailedPrecondition", reason: "REGISTRY_DENIED" };

    it("a file that is broken is told by its name, and the login before it tried", async () => {
      for (const { source, file, login } of changed()) {
        expect(await refused(update(source))).toMatchObject(denied);
        file.write(`{"auths": {"password": "${login.password}" `);
        expect(await refused(update(source))).toMatchObject(denied);
        await until("a line in the log", () =>
          log().includes(`${file.path}: it is no JSON object; the last good`),
        );
      }
    });

    it("a right login works at the next update", async () => {
      for (const { source, file, host, login } of changed()) {
        file.login(login);
        await expectListed(source, host);
      }
    });

    it("with a wrong one the last listing is answered, and no tag resolved", async () => {
      for (const { file, login } of changed()) file.login({ ...login, password: wrong.password });
      for (const { source, file, host } of changed()) {
        const line = `${file.path}: changed, and read again`;
        await until("the second change of the file", () => log().split(line).length > 2);
        const { images, snapshot } = await update(source);
        expect(images).toEqual(chosen(place(host)));
        expect(snapshot).toMatchObject({
          tagCount: 26,
          stale: true,
          lastError: expect.stringMatching(/ 401: /),
        });
        expect(await refused(resolve(source))).toMatchObject(denied);
      }
    });

    it("and a right one mends that", async () => {
      for (const { source, file, host, login } of changed()) {
        file.login(login);
        await expectListed(source, host);
        expect(await resolve(source)).toEqual(labImagesByTag(place(host)).r170);
      }
    });
  });

  describe.each([
    ["links", "linked" as const],
    ["no links", "unlinked" as const],
  ])("a registry of pages with %s", (_, source) => {
    const gateway = () => registries[source];

    it("is listed to its end", async () => {
      gateway().takePages();
      const { snapshot } = await update(source);
      expect(snapshot).toMatchObject({ tagCount: manyTags.length, stale: false, lastError: "" });
      const link = source === "linked";
      expect(gateway().takePages()).toEqual([
        { query: "n=1000", status: 200, link },
        { query: expect.stringContaining(`last=${manyTags[999]}`), status: 200, link },
        { query: expect.stringContaining(`last=${manyTags[1999]}`), status: 200, link: false },
      ]);
      const { images } = await ask.menuImages({ source });
      expect(images.map(({ tag }) => tag).sort()).toEqual([...manyTags].sort());
    });

    it("resolves a tag of another page than the first", async () => {
      const tag = manyTags[1500] ?? "";
      const digest = registries.manyDigests[source];
      expect(await resolve(source, tag)).toMatchObject({ tag, digest });
    });

    it("is asked again for a page that breaks off", async () => {
      gateway().atNextPage(async () => "break off");
      const { snapshot } = await update(source);
      expect(snapshot).toMatchObject({ tagCount: manyTags.length, stale: false, lastError: "" });
      expect(gateway().takePages()).toHaveLength(4);
    });
  });

  describe("a registry that is killed between two pages", () => {
    it("costs nothing but the news: the last listing is answered, and says so", async () => {
      const before = await ask.menuImages({ source: "linked" });
      registries.linked.atNextPage(async () => {
        await registries.distribution.stop();
        return "pass on";
      });
      const { snapshot, warnings } = await update("linked");
      expect(snapshot).toEqual({
        ...before.snapshot,
        version: snapshot?.version,
        stale: true,
        lastError: expect.stringMatching(/tags\/list at .* was not answered: the connection was /),
      });
      expect(warnings).toContain(snapshot?.lastError);
      const [first, ...others] = registries.linked.takePages();
      expect(first).toMatchObject({ query: "n=1000", status: 200 });
      expect(new Set(others.map(({ status }) => status))).toEqual(new Set([undefined]));
      expect((await ask.menuImages({ source: "linked" })).images).toEqual(before.images);
      expect(await refused(resolve("linked", manyTags[1500]))).toMatchObject({
        reason: "REGISTRY_UNAVAILABLE",
      });
    });

    it("is listed again when it is back", async () => {
      await registries.distribution.start();
      const { snapshot } = await update("linked");
      expect(snapshot).toMatchObject({ tagCount: manyTags.length, stale: false, lastError: "" });
      expect(await resolve("linked", manyTags[1500])).toMatchObject({
        digest: registries.manyDigests.linked,
      });
    });
  });

  it("no secret is in the log, in an error or in a warning", async () => {
    const { sources } = await ask.listSources({});
    for (const { snapshot, warnings } of sources) told.push(...warnings, snapshot?.lastError ?? "");
    expect(await service.program.end("SIGTERM")).toBe(0);
    const logins = [
      basicLogin,
      wrong,
      ...(["puller", "changing", "brief", "stranger"] as const).map(tokenLogin),
    ];
    const changing = { ...tokenLogin("changing"), password: wrong.password };
    const tokens = registries.tokens.requests.slice(tokensBefore).flatMap(({ token = [] }) => token);
    const secrets = [
      ...logins.map(({ password }) => password),
      ...[...logins, changing].map(encoded),
      ...tokens,
      ...tokens.map((token) => token.split(".").at(-1) ?? ""), // its signature, in whatever it stands
    ];
    expect(tokens.length).toBeGreaterThan(4);
    expect(log()).toContain("the registry is asked again"); // which is a line of the level debug
    expect(told.length).toBeGreaterThan(20);
    for (const text of [log(), ...told])
      expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
});
