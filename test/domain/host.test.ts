import { describe, expect, it } from "vitest";
import { canonicalRegistry, isHost, isLoopback, looksLikeHost } from "../../src/domain/host.ts";

describe("isHost", () => {
  it.each([
    "registry.example.org",
    "registry.example.org:5000",
    "localhost",
    "localhost:5000",
    "registry:5000",
    "registry:1",
    "R.example",
    "127.0.0.1:5000",
    "my-registry.example",
    "[fc00::1]:5000",
    "[fc00::1]",
    "[::1]:5000",
  ])("takes %s", (text) => {
    expect(isHost(text)).toBe(true);
  });

  it.each([
    "",
    "a..b",
    ".example",
    "-a.example",
    "a-.example",
    "r.example:",
    "r.example:http",
    "https://r.example",
    "r.example/x",
    "user@r.example",
    "r.example ",
    "r.example\n",
    "r_x.example?",
    "fc00::1:5000",
    "fc00::1",
    "[fe80::1%eth0]:5000",
    "[fc00::1",
    "[]:5000",
  ])("refuses %j", (text) => {
    expect(isHost(text)).toBe(false);
  });
});

describe("canonicalRegistry", () => {
  it.each([
    ["case does not count (case 13)", "R.Example", "r.example"],
    ["the default port does not count (case 13)", "R.example:443", "r.example"],
    ["another port does", "r.example:5000", "r.example:5000"],
    ["the port of plain HTTP does", "r.example:80", "r.example:80"],
    ["Docker Hub has one name (case 2)", "docker.io", "docker.io"],
    ["its old index is the same registry (case 2)", "index.docker.io", "docker.io"],
    ["the host that is really asked is the same registry (case 2)", "registry-1.docker.io", "docker.io"],
    ["any case and port of them", "Registry-1.Docker.IO:443", "docker.io"],
    ["another host below docker.io is not Docker Hub", "my.docker.io", "my.docker.io"],
    ["IPv6 too has one case and no default port", "[FC00::1]:443", "[fc00::1]"],
    ["IPv6 keeps another port", "[fc00::1]:5000", "[fc00::1]:5000"],
  ])("%s: %s is %s", (_, host, canonical) => {
    expect(canonicalRegistry(host)).toBe(canonical);
    expect(canonicalRegistry(canonical)).toBe(canonical);
  });
});

describe("looksLikeHost: whether the first of several components is a host (case 3)", () => {
  it.each([
    "localhost",
    "r.example",
    "test:5000",
    "localhost:5000",
    "R",
    "Registry",
    "127.0.0.1",
    "[fc00::1]:5000",
  ])("case 3: %s is", (component) => {
    expect(looksLikeHost(component)).toBe(true);
  });

  it.each(["ubuntu", "foo", "foo_bar", "a-b", "localhosts", "123"])("case 3: %s is not", (component) => {
    expect(looksLikeHost(component)).toBe(false);
  });
});

describe("isLoopback: only what can be nothing but this machine (case 14)", () => {
  it.each([
    "localhost",
    "LOCALHOST",
    "localhost:5000",
    "foo.localhost",
    "foo.localhost:5000",
    "127.0.0.1",
    "127.0.0.1:5000",
    "127.1.2.3",
    "127.255.255.254",
    "[::1]",
    "[::1]:5000",
  ])("case 14: %s is", (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each([
    "127.0.0.1.evil.com",
    "my127.0.0.1registry.io",
    "registry.local",
    "localhost.evil.com",
    "notlocalhost",
    "localhost.localdomain",
    "128.0.0.1",
    "12.7.0.0.1",
    "[::2]",
    "[fc00::1]",
    "127.evil.com",
    "r.example:127",
  ])("case 14: %s is not", (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
