/** How a reader of Artifact Registry comes to its tokens, and what it does when one is refused. */
import { createVerify } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { Code } from "@connectrpc/connect";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { type AccessTokens, accessTokens } from "../../src/artifactregistry/access-tokens.ts";
import {
  failureOf,
  fakeClock,
  never,
  recordedLog,
  temporaryDirectory,
  temporaryFile,
} from "../registry/reader.ts";
import { failure, imageOf, type ListRequest } from "../support/artifact-registry.ts";
import { sha } from "../support/domain.ts";
import { freeAddress } from "../support/grpc-servers.ts";
import {
  externalAccount,
  keyPair,
  metadataToken,
  serviceAccount,
  stubMetadataServer,
  tokenServer,
  tokensFor,
} from "./credentials.ts";
import { listAll, readerOf, startRegistry } from "./reader.ts";

/** Where nobody listens, in case that a test asks the metadata server by mistake. */
beforeEach(() => stubMetadataServer("127.0.0.1:1", "none"));

const authorizations = (requests: readonly ListRequest[]) =>
  requests.map(({ headers }) => headers.get("authorization"));

/** Tokens `t1`, `t2`, and so on: a new one whenever the last one is forgotten. */
function scriptedTokens(more: Record<string, string> = {}): AccessTokens {
  let number = 1;
  return {
    headers: async () => new Headers({ authorization: `Bearer t0ken-${number}`, ...more }),
    renew: () => {
      number += 1;
    },
    close: () => {},
  };
}

async function twoPages() {
  const registry = await startRegistry({ maxPage: 1 });
  registry.images.push(imageOf(sha("a"), { tags: ["w_1"] }), imageOf(sha("b"), { tags: ["w_2"] }));
  return registry;
}

describe("a call", () => {
  it("case 134: carries token and project of the quota, and what the API routes by", async () => {
    const registry = await twoPages();
    const tokens = scriptedTokens({ "x-goog-user-project": "payer" });
    await listAll(readerOf(registry, { tokens, options: { projectId: "example.com:p" } }));
    const [headers] = registry.requests.map(({ headers }) => headers);
    expect(headers?.get("authorization")).toBe("Bearer t0ken-1");
    expect(headers?.get("x-goog-user-project")).toBe("payer");
    expect(headers?.get("x-goog-request-params")).toBe(
      "parent=projects%2Fexample.com%3Ap%2Flocations%2Fus-central1%2Frepositories%2Fr",
    );
  });

  it("case 139: carries no token where the endpoint is on loopback and there is no file: nobody is asked for one", async () => {
    const server = await tokenServer();
    stubMetadataServer(server.host);
    const registry = await twoPages();
    await listAll(readerOf(registry));
    expect(authorizations(registry.requests)).toEqual([null, null]);
    expect(server.requests).toEqual([]);
  });
});

describe("case 139: a token that the API refuses", () => {
  const refused = failure(Code.Unauthenticated, "Request had invalid authentication credentials.");

  it("is dropped once, and the page asked for with a new one without a wait", async () => {
    const registry = await twoPages();
    registry.reply("answer", refused);
    const clock = fakeClock();
    const log = recordedLog();
    const { names } = await listAll(readerOf(registry, { clock, log, tokens: scriptedTokens() }));
    expect(names).toEqual(["w_1", "w_2"]);
    expect(log.text()).toContain("debug Artifact Registry is asked again with a new token");
    expect(log.text()).not.toContain("t0ken");
    expect(authorizations(registry.requests)).toEqual(["Bearer t0ken-1", "Bearer t0ken-1", "Bearer t0ken-2"]);
    expect(clock.sleeps).toEqual([]);
  });

  it("is the end of the listing where the new one is refused too", async () => {
    const registry = await twoPages();
    registry.reply("answer", refused, refused);
    const error = await failureOf(listAll(readerOf(registry, { tokens: scriptedTokens() })));
    expect(error).toMatchObject({ fault: "registry_denied" });
    expect(error.message).toContain("repositories/r: Unauthenticated: Request had invalid");
    expect(registry.requests).toHaveLength(3);
  });

  it("is refused a moment later as well as at first, while pages fail for other reasons", async () => {
    const registry = await twoPages();
    const unavailable = failure(Code.Unavailable);
    registry.reply(unavailable, refused, unavailable, "answer", unavailable, refused, "answer");
    const { names } = await listAll(readerOf(registry, { tokens: scriptedTokens() }));
    expect(names).toEqual(["w_1", "w_2"]);
  });

  it("is not told, even where the API repeats it", async () => {
    const registry = await twoPages();
    registry.reply(failure(Code.PermissionDenied, "no rights with token t0ken-1 (t0ken-1)"));
    const error = await failureOf(listAll(readerOf(registry, { tokens: scriptedTokens() })));
    expect(error.message).toContain("no rights with token [secret] ([secret])");
    expect(JSON.stringify(error) + String(error.cause)).not.toContain("t0ken");
  });
});

describe("a service account's key", () => {
  it("gives one token, that all calls carry until it expires", async () => {
    const server = await tokenServer();
    const registry = await twoPages();
    const { tokens } = tokensFor(serviceAccount, server);
    const reader = readerOf(registry, { tokens });
    await listAll(reader);
    await listAll(reader);
    expect(authorizations(registry.requests)).toEqual(Array(4).fill("Bearer token-1"));
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /token"]);
  });

  it("signs what is asked for: to read, and no more", async () => {
    const server = await tokenServer();
    await tokensFor(serviceAccount, server).tokens.headers(never);
    const assertion = new URLSearchParams(server.requests[0]?.body).get("assertion") ?? "";
    const [header = "", payload = "", signature = ""] = assertion.split(".");
    const verify = createVerify("RSA-SHA256").update(`${header}.${payload}`);
    expect(verify.verify(keyPair.publicKey, signature, "base64url")).toBe(true);
    expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({
      iss: serviceAccount.client_email,
      scope: "https://www.googleapis.com/auth/cloud-platform.read-only",
      aud: "https://oauth2.googleapis.com/token", // whatever token_uri says: the library knows but this one
    });
  });

  it("case 134: may have its calls count against the quota of another project", async () => {
    const { tokens } = tokensFor({ ...serviceAccount, quota_project_id: "payer" }, await tokenServer());
    expect((await tokens.headers(never)).get("x-goog-user-project")).toBe("payer");
  });

  it("asks no metadata server, nor says anything on its own", async () => {
    const server = await tokenServer();
    stubMetadataServer(server.host);
    const warn = vi.spyOn(console, "warn");
    onTestFinished(() => warn.mockRestore());
    await tokensFor(serviceAccount, server).tokens.headers(never);
    expect(server.requests.map(({ path }) => path)).toEqual(["/token"]);
    expect(warn).not.toHaveBeenCalled();
  });

  it("gives one token to all who ask at the same time", async () => {
    const server = await tokenServer();
    const { tokens } = tokensFor(serviceAccount, server);
    const all = await Promise.all([1, 2, 3].map(() => tokens.headers(never)));
    expect(all.map((headers) => headers.get("authorization"))).toEqual(Array(3).fill("Bearer token-1"));
    expect(server.requests).toHaveLength(1);
  });

  it("gives headers that callers may change", async () => {
    const { tokens } = tokensFor(serviceAccount, await tokenServer());
    (await tokens.headers(never)).set("x-more", "1");
    expect((await tokens.headers(never)).has("x-more")).toBe(false);
  });

  it("that is refused is told by the file's name, and asked for once", async () => {
    const server = await tokenServer();
    const body = {
      error: "invalid_grant",
      error_description: `no such account: ${serviceAccount.private_key}`,
    };
    server.rule({ path: "/token", reply: { status: 400, body } });
    const registry = await twoPages();
    const { tokens, path } = tokensFor(serviceAccount, server);
    const error = await failureOf(listAll(readerOf(registry, { tokens })));
    expect(error).toMatchObject({ fault: "registry_denied" });
    expect(error.message).toBe(`credentials file ${path}: they are given no token: 400, invalid_grant`);
    expect(error.cause).toBeUndefined();
    expect(server.requests).toHaveLength(1);
    expect(registry.requests).toEqual([]);
  });

  it("is read again at once when its token is refused", async () => {
    const server = await tokenServer();
    const registry = await twoPages();
    const { tokens, path } = tokensFor(serviceAccount, server);
    const reader = readerOf(registry, { tokens });
    await listAll(reader);
    writeFileSync(path, JSON.stringify({ ...serviceAccount, client_email: "new@p.iam.gserviceaccount.com" }));
    registry.reply(failure(Code.Unauthenticated));
    await listAll(reader);
    expect(server.requests.map(issuer)).toEqual([
      serviceAccount.client_email,
      "new@p.iam.gserviceaccount.com",
    ]);
  });

  it("is read again when the file changes", async () => {
    const server = await tokenServer();
    const { tokens, path } = tokensFor(serviceAccount, server, 1);
    await tokens.headers(never);
    writeFileSync(`${path}.new`, JSON.stringify({ ...serviceAccount, client_email: "new@example.com" }));
    renameSync(`${path}.new`, path);
    await expect
      .poll(async () => (await tokens.headers(never)).get("authorization"), { timeout: 10_000 })
      .not.toBe("Bearer token-1");
    expect(issuer(server.requests[1])).toBe("new@example.com");
  });

  it("that breaks stays in use as it was, and is told without its content", async () => {
    const server = await tokenServer();
    const { tokens, path, log } = tokensFor(serviceAccount, server);
    await tokens.headers(never);
    writeFileSync(path, '{"private_key": "s3cret');
    tokens.renew();
    expect((await tokens.headers(never)).get("authorization")).toBe("Bearer token-2");
    expect(issuer(server.requests[1])).toBe(serviceAccount.client_email);
    expect(log.text()).toContain(
      `error credentials file ${path}: it is no JSON object; the last good content`,
    );
    expect(log.text()).not.toContain("s3cret");
  });

  const issuer = (request: { body: string } | undefined) => {
    const payload = new URLSearchParams(request?.body).get("assertion")?.split(".")[1] ?? "";
    return JSON.parse(Buffer.from(payload, "base64url").toString()).iss;
  };
});

describe("a credentials file", () => {
  const { private_key: _, ...keyless } = serviceAccount;
  const source = { file: "/s3cret" };
  const external = {
    type: "external_account",
    audience: "s3cret",
    subject_token_type: "jwt",
    token_url: "x",
  };

  it.each<[string, string | object, string]>([
    ["is empty", "", "it is no JSON object"],
    ["breaks off", '{"private_key": "s3cret', "it is no JSON object"],
    ["is a list", '["s3cret"]', "it is no JSON object"],
    ["has no type", { s3cret: 1 }, "its type is neither service_account nor external_account"],
    ["has another type", { type: "s3cret" }, "its type is neither service_account nor external_account"],
    [
      "is a person's",
      { type: "authorized_user", refresh_token: "s3cret" },
      "its type is neither service_account nor external_account",
    ],
    ["has no key", { ...keyless, key: "s3cret" }, "its private_key is no text"],
    ["has a key that is none", { ...keyless, private_key: "s3cret" }, "its private_key is no RSA key in PEM"],
    ["has no e-mail address", { ...serviceAccount, client_email: 1 }, "its client_email is no text"],
    ["says nothing of its source", external, "its credential_source is no object"],
    ["has no audience", { ...external, audience: null }, "its audience is no text"],
    [
      "has no token_url",
      { ...external, credential_source: source, token_url: "" },
      "its token_url is no text",
    ],
  ])("that %s is refused by its name, without its content", (_, content, because) => {
    const path = temporaryFile(content, "credentials.json");
    const open = () => accessTokens(path, recordedLog());
    expect(open).toThrow(`credentials file ${path}: ${because}`);
    expect(open).not.toThrow("s3cret");
  });

  it("that is missing is refused by its name, when the reader is made", async () => {
    const credentialsFile = `${temporaryDirectory()}/credentials.json`;
    const open = () => readerOf({ endpoint: "http://127.0.0.1:1" }, { options: { credentialsFile } });
    expect(open).toThrow(`credentials file ${credentialsFile}: there is no such file`);
  });
});

describe("an identity of another provider", () => {
  it("is exchanged for a token, by the content of its file", async () => {
    const server = await tokenServer();
    const registry = await twoPages();
    const warn = vi.spyOn(console, "warn");
    onTestFinished(() => warn.mockRestore());
    const credentialsFile = temporaryFile(externalAccount(server), "credentials.json");
    await listAll(readerOf(registry, { options: { credentialsFile } }));
    expect(authorizations(registry.requests)).toEqual(["Bearer token-1", "Bearer token-1"]);
    expect(server.requests).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toMatchObject({
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: "s3cret-subject",
      scope: "https://www.googleapis.com/auth/cloud-platform.read-only",
    });
    expect(warn).not.toHaveBeenCalled();
  });

  it("is read again for each token", async () => {
    const server = await tokenServer();
    const account = externalAccount(server);
    const { tokens } = tokensFor(account);
    await tokens.headers(never);
    writeFileSync(account.credential_source.file, "rotated");
    tokens.renew();
    await tokens.headers(never);
    const subjects = server.requests.map(({ body }) => new URLSearchParams(body).get("subject_token"));
    expect(subjects).toEqual(["s3cret-subject", "rotated"]);
  });

  it("may stand for a service account", async () => {
    const server = await tokenServer();
    const path = "/v1/projects/-/serviceAccounts/lab@p.iam.gserviceaccount.com:generateAccessToken";
    const body = { accessToken: "of-the-account", expireTime: "2177-10-28T12:00:00Z" };
    server.rule({ path, reply: { status: 200, body } });
    const { tokens } = tokensFor(
      externalAccount(server, { service_account_impersonation_url: `${server.origin}${path}` }),
    );
    expect((await tokens.headers(never)).get("authorization")).toBe("Bearer of-the-account");
    expect(server.requests[1]?.headers.authorization).toBe("Bearer token-1");
    expect(JSON.parse(server.requests[1]?.body ?? "")).toMatchObject({
      scope: ["https://www.googleapis.com/auth/cloud-platform.read-only"],
    });
  });

  it("that is refused is told by the file's name, without the identity", async () => {
    const server = await tokenServer();
    const body = { error: "invalid_target", error_description: "s3cret-subject is of nobody" };
    server.rule({ path: "/token", reply: { status: 400, body } });
    const { tokens, path } = tokensFor(externalAccount(server));
    const error = await failureOf(tokens.headers(never));
    expect(error).toMatchObject({ fault: "registry_denied" });
    expect(error.message).toBe(`credentials file ${path}: they are given no token: 400, invalid_target`);
    expect(error.cause).toBeUndefined();
  });

  it("whose file is not there yet is asked for again", async () => {
    const server = await tokenServer();
    const registry = await twoPages();
    const account = externalAccount(server);
    rmSync(account.credential_source.file);
    const { tokens, path } = tokensFor(account);
    const error = await failureOf(tokens.headers(never));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toContain(`credentials file ${path}: no token could be had`);
    expect(error.message).toMatch(/: ENOENT$/);
    const clock = fakeClock();
    const { sleep } = clock;
    clock.sleep = async (...wait) => {
      writeFileSync(account.credential_source.file, "there");
      await sleep(...wait);
    };
    expect((await listAll(readerOf(registry, { tokens, clock }))).names).toEqual(["w_1", "w_2"]);
    expect(clock.sleeps).toEqual([250]);
  });
});

describe("application default credentials", () => {
  const openDefault = () => {
    const tokens = accessTokens(undefined, recordedLog());
    onTestFinished(() => tokens.close());
    return tokens;
  };

  it("case 137: are those of a metadata server", async () => {
    const server = await tokenServer();
    stubMetadataServer(server.host);
    const registry = await twoPages();
    await listAll(readerOf(registry, { tokens: openDefault() }));
    expect(authorizations(registry.requests)).toEqual(["Bearer token-1", "Bearer token-1"]);
    const asked = server.requests.map(({ path, query, headers }) => [
      path,
      decodeURIComponent(query),
      headers["metadata-flavor"],
    ]);
    expect(asked).toEqual([
      [metadataToken, "scopes=https://www.googleapis.com/auth/cloud-platform.read-only", "Google"],
    ]);
  });

  it("case 137: are those of the file that the environment names", async () => {
    const server = await tokenServer();
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", temporaryFile(externalAccount(server)));
    expect((await openDefault().headers(never)).get("authorization")).toBe("Bearer token-1");
    expect(server.requests.map(({ path }) => path)).toEqual(["/token"]);
  });

  it.each([
    ["has no answer but 404", { status: 404 }],
    ["answers without saying that it is one", { status: 200, body: { access_token: "s3cret" } }],
  ])("case 138: are asked for again while the metadata server %s", async (_, reply) => {
    const server = await tokenServer();
    server.rule({ path: metadataToken, times: 2, reply });
    stubMetadataServer(server.host);
    const registry = await twoPages();
    const clock = fakeClock();
    const { names } = await listAll(readerOf(registry, { tokens: openDefault(), clock }));
    expect(names).toEqual(["w_1", "w_2"]);
    expect(clock.sleeps).toEqual([250, 500]);
  });

  it("case 138: are asked for again by the library while the metadata server has no answer but 503", async () => {
    const server = await tokenServer();
    server.rule({ path: metadataToken, times: 1, reply: { status: 503 } });
    stubMetadataServer(server.host);
    expect((await openDefault().headers(never)).get("authorization")).toBe("Bearer token-1");
    expect(server.requests).toHaveLength(2);
  });

  it("case 138: are asked for again while the metadata server refuses connections", async () => {
    stubMetadataServer(await freeAddress());
    const registry = await twoPages();
    const clock = fakeClock();
    const { sleep } = clock;
    clock.sleep = async (...wait) => {
      stubMetadataServer((await tokenServer()).host);
      await sleep(...wait);
    };
    const { names } = await listAll(readerOf(registry, { tokens: openDefault(), clock }));
    expect(names).toEqual(["w_1", "w_2"]);
    expect(clock.sleeps).toEqual([250]);
  });

  it("case 138: are looked for again where no metadata server was found at first", async () => {
    stubMetadataServer(await freeAddress(), "ping-only");
    const tokens = openDefault();
    expect(await failureOf(tokens.headers(never))).toMatchObject({ fault: "registry_unavailable" });
    const server = await tokenServer();
    const headers = { "metadata-flavor": "Google" };
    server.rule({ path: "/computeMetadata/v1/instance", reply: { status: 200, headers, body: {} } });
    stubMetadataServer(server.host, "ping-only");
    expect((await tokens.headers(never)).get("authorization")).toBe("Bearer token-1");
  });

  it("case 139: are told as missing where there are none, and no address is tried", async () => {
    const server = await tokenServer();
    stubMetadataServer(server.host, "none");
    const error = await failureOf(openDefault().headers(never));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toBe(
      "application default credentials: no token could be had, there are none or who gives it does not answer",
    );
    expect(server.requests).toEqual([]);
  });

  it("case 139: are asked of no metadata server unless the machine is Google's", async () => {
    const server = await tokenServer();
    stubMetadataServer("");
    vi.stubEnv("GCE_METADATA_HOST", undefined);
    vi.stubEnv("GCE_METADATA_IP", server.host);
    vi.stubEnv("METADATA_SERVER_DETECTION", undefined);
    await failureOf(openDefault().headers(never));
    expect(process.env.METADATA_SERVER_DETECTION).toBe("bios-only");
    expect(server.requests).toEqual([]);
  });

  it("case 139: that are refused are told", async () => {
    const server = await tokenServer();
    server.rule({ path: metadataToken, reply: { status: 403 } });
    stubMetadataServer(server.host);
    const error = await failureOf(openDefault().headers(never));
    expect(error).toMatchObject({ fault: "registry_denied" });
    expect(error.message).toBe("application default credentials: they are given no token: 403");
  });
});

describe("a token that does not come", () => {
  /** Hangs once. */
  function slowTokens() {
    let calls = 0;
    const asked = Promise.withResolvers<void>();
    const fetch = async () => {
      calls += 1;
      asked.resolve();
      if (calls === 1) await new Promise(() => {});
      return Response.json({ access_token: `token-${calls}`, expires_in: 3600 });
    };
    const path = temporaryFile(serviceAccount, "credentials.json");
    const tokens = accessTokens(path, recordedLog(), { fetch });
    onTestFinished(() => tokens.close());
    return { path, tokens, asked: asked.promise };
  }

  it("case 138: is given up after a while, and asked for anew", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { path, tokens, asked } = slowTokens();
    const waiting = failureOf(tokens.headers(never));
    await asked;
    vi.advanceTimersByTime(15_000);
    const error = await waiting;
    expect(error).toMatchObject({ fault: "registry_unavailable" });
    expect(error.message).toBe(`credentials file ${path}: no token within 15000 ms`);
    expect((await tokens.headers(never)).get("authorization")).toBe("Bearer token-2");
  });

  it("in time leaves the call what is left of the page's, and not all of it", async () => {
    const registry = await twoPages();
    registry.reply("hang");
    const clock = fakeClock();
    const slow = async () => {
      clock.time += 61_000;
      return new Headers();
    };
    const tokens = { ...scriptedTokens(), headers: slow };
    const error = await failureOf(listAll(readerOf(registry, { tokens, clock })));
    expect(error).toMatchObject({ fault: "registry_unavailable" });
  });

  it("is not waited for by a listing that is cancelled", async () => {
    const registry = await twoPages();
    const { tokens, asked } = slowTokens();
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const listing = failureOf(listAll(readerOf(registry, { tokens }), controller.signal));
    await asked;
    controller.abort(reason);
    expect(await listing).toBe(reason);
    expect(registry.requests).toEqual([]);
  });
});
