/**
 * Where a kubeconfig is looked for, and what is said of one that cannot be used.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { loadKubeconfig, type Surroundings } from "../../src/kubernetes/kubeconfig.ts";

const secret = "hunter2-in-the-file";

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), "kubeconfig-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function file(content: unknown, name = "config", folder = directory()): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

const config = (name: string, parts: object = {}) => ({
  "current-context": name,
  clusters: [{ name, cluster: { server: `https://${name}.example.org` } }],
  users: [{ name, user: { token: secret } }],
  contexts: [{ name, context: { cluster: name, user: name, namespace: `of-${name}` } }],
  ...parts,
});

const nowhere: Surroundings = { env: {}, home: "/nonexistent", isInCluster: () => false };
const serverOf = async (path: string | undefined, where: Partial<Surroundings> = {}) =>
  (await loadKubeconfig(path, { ...nowhere, ...where })).getCurrentCluster()?.server;

describe("a kubeconfig", () => {
  it("is the one that is named", async () => {
    const home = directory();
    mkdirSync(join(home, ".kube"));
    file(config("home"), "config", join(home, ".kube"));
    expect(await serverOf(file(config("a")), { home, isInCluster: () => true })).toBe(
      "https://a.example.org",
    );
  });

  it("is that of KUBECONFIG before that of the home directory", async () => {
    const home = directory();
    mkdirSync(join(home, ".kube"));
    file(config("home"), "config", join(home, ".kube"));
    expect(await serverOf(undefined, { home })).toBe("https://home.example.org");
    const env = { KUBECONFIG: file(config("a")) };
    expect(await serverOf(undefined, { home, env })).toBe("https://a.example.org");
  });

  it("is merged of several files as kubectl does: what comes first stays, what is not there is skipped", async () => {
    const files = [
      "/nonexistent/config",
      file({ clusters: config("a").clusters }),
      file(config("b", { "current-context": "a" })),
      file(config("a", { clusters: [{ name: "a", cluster: { server: "https://wrong.example.org" } }] })),
    ];
    const env = { KUBECONFIG: files.join(delimiter) };
    expect(await serverOf(undefined, { env })).toBe("https://a.example.org");
  });

  it("gives the way into a cluster to its pods", async () => {
    process.env.KUBERNETES_SERVICE_HOST = "fd00::1";
    process.env.KUBERNETES_SERVICE_PORT = "443";
    onTestFinished(() => {
      delete process.env.KUBERNETES_SERVICE_HOST;
      delete process.env.KUBERNETES_SERVICE_PORT;
    });
    expect(await serverOf(undefined, { isInCluster: () => true })).toBe("https://[fd00::1]:443");
  });

  it.each([
    ["is a directory", (): string => directory(), /^kubeconfig .*: it is a directory/],
    ["is a directory", () => directory(), /^kubeconfig .*: it is a directory/],
    ["is empty", () => file(""), "it is no YAML: expected a document, but the input is empty"],
    ["is a text", () => file("hello"), /it has no current context|it is no kubeconfig/],
    ["is no YAML", () => file(`a: [${secret}\nb: }`), /it is no YAML, line \d+: /],
    [
      "has no current context",
      () => file(config("a", { "current-context": undefined })),
      "it has no current context",
    ],
    [
      "has a current context that is not in it",
      () => file(config("a", { "current-context": "x" })),
      'its current context "x" is not in it',
    ],
    [
      "has no cluster of its context",
      () => file(config("a", { clusters: [] })),
      'context "a" names cluster "a", which is not in it',
    ],
    [
      "has no user of its context",
      () => file(config("a", { users: [] })),
      'context "a" names user "a", which is not in it',
    ],
    [
      "has a cluster without a server",
      () => file(config("a", { clusters: [{ name: "a", cluster: {} }] })),
      "clusters[0].cluster.server is missing",
    ],
    [
      "has a server that is no URL",
      () => file(config("a", { clusters: [{ name: "a", cluster: { server: "a" } }] })),
      'the server of cluster "a" is no URL',
    ],
    [
      "has a server without TLS",
      () => file(config("a", { clusters: [{ name: "a", cluster: { server: "http://a" } }] })),
      'the server of cluster "a" is no https, and insecure-skip-tls-verify is not set',
    ],
    [
      "has a proxy of another kind",
      () =>
        file(
          config("a", {
            clusters: [{ name: "a", cluster: { server: "https://a", "proxy-url": "socks4://b" } }],
          }),
        ),
      'the proxy of cluster "a" is none of http, https or socks5',
    ],
    ["has users that are no list", () => file(config("a", { users: "a" })), 'context "a" names user "a"'],
    ["has a user without a name", () => file(config("a", { users: [{}] })), "users[0].name is missing"],
  ] as const)("that %s is refused, and told by its name", async (_, make: () => string, message) => {
    const error: Error = await loadKubeconfig(make(), nowhere).catch((error) => error);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(/^kubeconfig \//);
    expect(String(error.stack) + String(error.cause)).not.toContain(secret);
  });

  it("that is nowhere is missed", async () => {
    await expect(loadKubeconfig(undefined, nowhere)).rejects.toThrow("there is no kubeconfig");
  });

  it("that KUBECONFIG names and that is broken is told by its name", async () => {
    const path = file(config("a", { "current-context": "x" }));
    const where = { ...nowhere, env: { KUBECONFIG: path } };
    await expect(loadKubeconfig(undefined, where)).rejects.toThrow(`kubeconfig ${path}: its current context`);
  });
});
