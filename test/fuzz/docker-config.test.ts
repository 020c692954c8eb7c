/** Any content of a credentials file: logins, or a `DockerConfigError` that repeats none of its secrets. */
import fc from "fast-check";
import { expect, it } from "vitest";
import {
  DockerConfigError,
  findCredentials,
  findProgram,
  parseDockerConfig,
  unsupported,
} from "../../src/registry/docker-config.ts";
import { anyText, broken, forAny, jsonWith, mixed } from "./support.ts";

// Every value that could be a secret holds this, in a form or another. No name of a host or path can.
const secret = "s3_cret!";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const secrets = fc.constantFrom(
  ...[
    secret,
    base64(secret),
    base64(`user:${secret}`),
    `${base64(`u:${secret}`)}\n`,
    `${secret}\r\n`,
    `<token>:${secret}`,
  ],
);
const hosts = fc.oneof(
  fc.constantFrom(
    ...[
      "r.example",
      "https://r.example/v1/",
      "R.example:443",
      "r.example/lab",
      "https://index.docker.io/v1/",
      "",
    ],
    ...["__proto__", "[fc00::1]:5000", `https://us:${secret}@r.example/`, `${secret} key`],
  ),
  mixed("https://", "r.example", "/", ":", "443", "v1", "lab", "@", "["),
);
const fields = fc.constantFrom("auth", "username", "password", "identitytoken", "registrytoken", "email");
const entries = fc.oneof(
  { weight: 5, arbitrary: fc.dictionary(fields, secrets, { maxKeys: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(null, {}, secret, 7, [secret]) },
);
const configs = fc
  .record(
    {
      auths: fc.oneof({ weight: 8, arbitrary: fc.dictionary(hosts, entries, { maxKeys: 4 }) }, entries),
      credHelpers: fc.oneof(
        fc.dictionary(hosts, fc.constantFrom<unknown>("gcloud", "", 7), { maxKeys: 2 }),
        entries,
      ),
      credsStore: fc.constantFrom<unknown>("desktop", "", 7, [secret]),
    },
    { requiredKeys: [] },
  )
  .map((config) => JSON.stringify(config));
const inputs = fc.oneof(
  { weight: 5, arbitrary: configs },
  { weight: 3, arbitrary: broken(configs) },
  {
    weight: 2,
    arbitrary: jsonWith(["auths", "auth", "r.example", "credHelpers"], secrets).map((value) =>
      JSON.stringify(value),
    ),
  },
  { weight: 1, arbitrary: anyText },
);

const repositories = [
  { registry: "r.example", repository: "lab/image" },
  { registry: "docker.io", repository: "library/ubuntu" },
  { registry: "__proto__", repository: "constructor" },
];

it("any content gives logins or a clear error, and neither error nor warning holds a secret", () => {
  forAny(inputs, (content) => {
    try {
      const config = parseDockerConfig(content);
      for (const repository of repositories) {
        const login = findCredentials(config, repository);
        if (login !== undefined) expect(login.id).toMatch(/^[0-9a-f]{64}$/);
        if (login?.kind === "bearer") expect(login.token).toMatch(/^[\x21-\x7e]+$/);
        expect([undefined, "credHelpers", "credsStore"]).toContain(findProgram(config, repository));
      }
      expect(unsupported(config) ?? "").not.toContain(secret);
    } catch (error) {
      if (!(error instanceof DockerConfigError)) throw error;
      expect(error.message).not.toContain(secret);
      expect(error.message).not.toContain(base64(secret));
      expect(error.message).not.toMatch(/[\r\n]/);
    }
  });
});
