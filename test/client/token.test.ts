/**
 * The bearer token: sent with every call, taken from its file as that is now, and never told to anybody else.
 */
import { writeFileSync } from "node:fs";
import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { temporaryDirectory, temporaryFile } from "../registry/reader.ts";
import { failureOf } from "../support/grpc-failure.ts";
import { clientOf, startService } from "./service.ts";

/** A service that knows one token, and keeps those that it saw. */
async function startGuarded(known: string) {
  const seen: (string | null)[] = [];
  const state = { known };
  const check = (_: unknown, { requestHeader }: HandlerContext) => {
    seen.push(requestHeader.get("authorization"));
    if (seen.at(-1) !== `Bearer ${state.known}`) throw new ConnectError("who are you?", Code.Unauthenticated);
    return {};
  };
  const service = await startService({ listSources: check, updateImages: check, markPrepulled: check });
  return { url: `http://${service.address}`, seen, state };
}

describe("the token", () => {
  it("is sent with every call", async () => {
    const { url, seen } = await startGuarded("s3cret");
    const { rpc } = clientOf({ url, tokenFile: temporaryFile(" s3cret\n") });
    await rpc.listSources({});
    await rpc.updateImages({});
    await rpc.markPrepulled({});
    expect(seen).toEqual(Array(3).fill("Bearer s3cret"));
  });

  it("is none where no file is named", async () => {
    const { url, seen } = await startGuarded("s3cret");
    expect(await failureOf(clientOf({ url }).rpc.listSources({}))).toMatchObject({ code: "Unauthenticated" });
    expect(seen).toEqual([null]);
  });

  it("is the one that its file has now", async () => {
    const { url, state } = await startGuarded("first");
    const tokenFile = temporaryFile("first");
    const { rpc } = clientOf({ url, tokenFile }, { intervalMs: 5 });
    await rpc.listSources({});
    state.known = "second";
    writeFileSync(tokenFile, "second");
    await expect.poll(() => rpc.listSources({}).then(() => "answered", String)).toBe("answered");
  });

  it("that is refused is looked up again at once, before anybody is told", async () => {
    const { url, seen, state } = await startGuarded("first");
    const tokenFile = temporaryFile("first");
    const { rpc } = clientOf({ url, tokenFile });
    await rpc.updateImages({});
    state.known = "second";
    writeFileSync(tokenFile, "second\n");
    await rpc.updateImages({});
    expect(seen).toEqual(["Bearer first", "Bearer first", "Bearer second"]);
  });

  it("that is refused and has not changed is refused once", async () => {
    const { url, seen } = await startGuarded("other");
    const { rpc } = clientOf({ url, tokenFile: temporaryFile("s3cret") });
    expect(await failureOf(rpc.listSources({}))).toMatchObject({
      code: "Unauthenticated",
      message: "who are you?",
    });
    expect(seen).toHaveLength(1);
  });

  it("stays in use while its file is broken, which is said without what is in it", async () => {
    const { url } = await startGuarded("s3cret");
    const tokenFile = temporaryFile("s3cret");
    const { rpc, text } = clientOf({ url, tokenFile }, { intervalMs: 5 });
    writeFileSync(tokenFile, "two words");
    await expect.poll(text).toContain("it has to hold one token, and nothing else");
    await rpc.listSources({});
    expect(text()).not.toContain("words");
    expect(text()).not.toContain("s3cret");
  });
});

describe("a token file is refused at the start where it", () => {
  it.each([
    ["is empty", ""],
    ["is blank", " \n"],
    ["holds two tokens", "one\ntwo\n"],
    ["holds what the service's own file does", "read s3cret\n"],
    ["holds what no header can", "s3crét"],
    ["holds a NUL", "s3cret\0"],
  ])("%s", (_, content) => {
    const tokenFile = temporaryFile(content);
    const open = () => clientOf({ url: "http://127.0.0.1:1", tokenFile });
    expect(open).toThrow(`token file ${tokenFile}: it has to hold one token, and nothing else`);
  });

  it("is not there", () => {
    const tokenFile = `${temporaryDirectory()}/none`;
    expect(() => clientOf({ url: "http://127.0.0.1:1", tokenFile })).toThrow("there is no such file");
  });
});
