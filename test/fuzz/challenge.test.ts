/** Any `WWW-Authenticate` header: read, or refused as malformed; and what is made of one goes nowhere it may not. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { chooseChallenge, parseChallenges } from "../../src/registry/challenge.ts";
import { allowedRealm } from "../../src/registry/realm.ts";
import { missingScopes } from "../../src/registry/scopes.ts";
import { anyText, broken, forAny, mixed, parsed } from "./support.ts";

const names = fc.constantFrom("realm", "service", "scope", "error", "REALM", "charset", "x");
const realms = fc.constantFrom(
  ...[
    "https://registry.example.org/token",
    "/token?a=b",
    "http://registry.example.org/token",
    "//evil.example/t",
  ],
  ...[
    "https://auth.example.org/token",
    "https://u:p@registry.example.org/",
    "http://169.254.169.254/",
    "https://[",
    "",
  ],
);
const scopes = fc.constantFrom(
  ...[
    "repository:lab/image:pull",
    "repository:lab/image:pull,push repository:b:*",
    "*",
    "repository:user/image:pull",
  ],
);
const quoted = fc.oneof(realms, scopes, fc.string({ maxLength: 10 })).map((text) => {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
});
const values = fc.oneof(
  quoted,
  fc.constantFrom("insufficient_scope", "abc", "https://registry.example.org/t"),
);
const parameters = fc.array(
  fc.tuple(names, values).map(([name, value]) => `${name}=${value}`),
  { maxLength: 5 },
);
const withParameters = fc
  .tuple(fc.constantFrom("Bearer", "basic", "Digest"), parameters)
  .map(([scheme, list]) => `${scheme} ${list.join(",")}`);
const challenge = fc.oneof(withParameters, fc.constantFrom("Negotiate", "NTLM YII+/Q=="));
const headers = fc.array(challenge, { minLength: 1, maxLength: 3 }).map((list) => list.join(", "));

const inputs = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: headers },
    { weight: 4, arbitrary: broken(headers) },
    {
      weight: 3,
      arbitrary: mixed("Bearer ", "Basic", "realm", "=", '"', ",", " ", "\\", "scope", "a", "=="),
    },
    { weight: 1, arbitrary: anyText },
  ),
  { minLength: 1, maxLength: 3 },
);

it("what is written as it should be is read", () => {
  forAny(headers, (header) => {
    expect(parseChallenges([header]).length).toBeGreaterThan(0);
  });
});

it("any header is read or malformed, and no value of it holds a control character", () => {
  forAny(inputs, (texts) => {
    for (const { scheme, parameters } of parsed("registry_corrupt", () => parseChallenges(texts)) ?? []) {
      expect(scheme).toBe(scheme.toLowerCase());
      for (const [name, value] of parameters) expect(name + value).not.toMatch(/\p{Cc}/u);
    }
  });
});

it("the realm of any challenge is the registry's own, one that was named, or refused", () => {
  const policy = { origin: "https://registry.example.org", authHosts: ["auth.example.org"] };
  forAny(
    fc.oneof(realms, broken(realms), mixed("https://", "registry.example.org", "@", ":", "/", "?", "auth.")),
    (realm) => {
      let url: URL | undefined;
      try {
        url = allowedRealm(realm, policy);
      } catch (error) {
        expect(error).toMatchObject({
          name: "DomainError",
          fault: /^registry_(?:denied|corrupt)$/.exec(Object(error).fault)?.[0],
        });
        return;
      }
      expect(["https://registry.example.org", "https://auth.example.org"]).toContain(url.origin);
      expect(url.username + url.password).toBe("");
    },
  );
});

it("the scopes of any challenge are ours, or are said to be missing", () => {
  forAny(inputs, (texts) => {
    const chosen = chooseChallenge(parsed("registry_corrupt", () => parseChallenges(texts)) ?? []);
    if (chosen === undefined) return;
    const insufficient = chosen.parameters.get("error") === "insufficient_scope";
    for (const scope of missingScopes(chosen, "lab/image", new Set())) {
      expect(scope).not.toMatch(/\s/);
      expect(insufficient || scope.startsWith("repository:lab/image:")).toBe(true);
    }
  });
});
