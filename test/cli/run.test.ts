/**
 * Commands and their exit codes: 0 well, 1 failed, 2 used wrongly; what is asked for on stdout, complaints on stderr.
 * A service that runs and ends is in `serve.test.ts`.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { type Directory, dockerSource, newDirectory, outcomeOf, source } from "./support.ts";

let directory: Directory;
beforeAll(() => {
  directory = newDirectory();
});
afterAll(() => directory.remove());
afterEach(() => vi.unstubAllEnvs());

const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

describe("asked about itself, it answers on stdout and ends well", () => {
  it.each([
    [["--help"]],
    [["serve", "--help"]],
    [["check-config", "--help"]],
    [["check-config", "a.yaml", "--help"]],
  ])("%j: how to use it", async (args) => {
    const { code, output, errors } = await outcomeOf(...args);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    for (const word of [
      "serve",
      "--config FILE",
      "IMAGE_SOURCE_CONFIG",
      "check-config FILE",
      "--help",
      "--version",
    ])
      expect(output).toContain(word);
  });

  it("--version: that of the package", async () => {
    expect(await outcomeOf("--version")).toEqual({ code: 0, output: version, errors: "" });
  });
});

describe("used wrongly, it says why and how to use it, and ends with 2", () => {
  it.each([
    ["no command", [], "no command"],
    ["an unknown command", ["start"], "start"],
    ["a name of every object", ["constructor"], "constructor"],
    ["an option before the command", ["--config", "a.yaml", "serve"], "--config"],
    ["check-config without a file", ["check-config"], "FILE"],
    ["check-config with two", ["check-config", "a.yaml", "b.yaml"], "FILE"],
    ["check-config with an option", ["check-config", "--config", "a.yaml"], "--config"],
    ["serve with a file but no option", ["serve", "a.yaml"], "a.yaml"],
    ["serve with an unknown option", ["serve", "--port", "1"], "--port"],
    ["serve whose option lacks its value", ["serve", "--config"], "--config"],
  ])("%s", async (_, args, because) => {
    const { code, output, errors } = await outcomeOf(...args);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors.split("\n")[0]).toContain(because);
    expect(errors).toContain("Usage: image-source COMMAND");
  });
});

describe("check-config", () => {
  it("names the file and its sources where all is well, and starts nothing", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const file = directory.write(
      "good.yaml",
      `grpc: { address: 127.0.0.1:${port} }\nsources:${source}${dockerSource}`,
    );
    const { code, output, errors } = await outcomeOf("check-config", file);
    await new Promise((resolve) => taken.close(resolve));
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    for (const part of [file, "for serve", "lab (static)", "hub (docker)"]) expect(output).toContain(part);
  });

  it.each([
    [
      "the sources that it names",
      "service: { url: 'http://a:1' }\nsources: [lab, hub]\n",
      ["http://a:1", "lab, hub"],
    ],
    ["the first source, where it names none", "{}", ["http://127.0.0.1:50051", "the first one"]],
  ])("tells a prepuller's file by what is in it: %s", async (_, text, parts) => {
    const file = directory.write("prepuller.yaml", text);
    const { code, output, errors } = await outcomeOf("check-config", file);
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    for (const part of [`${file} is fine`, "for prepull", ...parts]) expect(output).toContain(part);
  });

  it("looks at every file that a prepuller's names, and tells of all that are wrong", async () => {
    directory.write("text", "my secret words");
    const text = `
      service: { url: "https://a:1", tokenFile: text, caFile: text, certificateFile: none.crt, keyFile: text }
      kubeconfig: none.yaml
    `;
    const { code, output, errors } = await outcomeOf("check-config", directory.write("bad.yaml", text));
    expect({ code, output }).toEqual({ code: 2, output: "" });
    const expected = [
      /service: token file .*text: it has to hold one token/,
      /service: CA file .*text: it holds no certificate/,
      /service: client certificate .*none\.crt: there is no such file/,
      /kubeconfig: .*none\.yaml/,
    ];
    for (const problem of expected) expect(errors).toMatch(problem);
    expect(errors).not.toContain("secret words");
  });
});

// The two commands refuse the same configurations in the same way.
const commands = [
  ["check-config", (file: string) => ["check-config", file]],
  ["serve --config", (file: string) => ["serve", "--config", file]],
] as const;

describe.each(commands)("%s ends with 2 before anything starts, and says what is wrong", (_, command) => {
  it.each([
    [
      "every wrong key by its path",
      `grpc: { address: x }\nlog: { level: loud }\nsources:${source}`,
      ["grpc.address has to be", "log.level has to be"],
    ],
    ["a combination that is impossible", `sources:${source}${source}`, ["sources[1].name is lab"]],
    ["no YAML", "sources: [", ["line 1, column"]],
    ["an empty file", "", ["the configuration has to be a map of keys"]],
    [
      "a CA file that is not there",
      `sources:${dockerSource}    caFile: none.pem\n`,
      ["sources[0]", "none.pem", "no such file"],
    ],
    [
      "a CA file that is none",
      `sources:${dockerSource}    caFile: text\n`,
      ["sources[0]", "text", "no certificate"],
    ],
    [
      "credentials that are not there",
      `sources:${source}${dockerSource}    credentialsFile: none.json\n`,
      ["sources[1]", "none.json", "no such file"],
    ],
    [
      "credentials that are a directory",
      `sources:${dockerSource}    credentialsFile: .\n`,
      ["sources[0]", "directory"],
    ],
    [
      "credentials that are none",
      `sources:${dockerSource}    credentialsFile: text\n`,
      ["sources[0]", "text", "JSON"],
    ],
    [
      "a certificate without its key",
      `sources:${dockerSource}    clientCertificate: { certificateFile: text, keyFile: none.key }\n`,
      ["sources[0]", "none.key", "no such file"],
    ],
  ])("%s", async (__, text, parts) => {
    directory.write("text", "my secret words");
    const { code, output, errors } = await outcomeOf(...command(directory.write("bad.yaml", text)));
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toContain("The configuration cannot be used");
    for (const part of parts) expect(errors).toContain(part);
    expect(errors).not.toContain("my secret words");
    expect(errors).not.toContain("Usage:");
  });

  it("a file that is not there", async () => {
    const file = join(directory.path, "none.yaml");
    const { code, errors } = await outcomeOf(...command(file));
    expect(code).toBe(2);
    expect(errors).toContain(`${file} cannot be read`);
  });
});

const commandsOfPrepuller = [
  ["check-config", (file: string) => ["check-config", file]],
  ["prepull --config", (file: string) => ["prepull", "--config", file]],
  ["prepull --once", (file: string) => ["prepull", "--once", "--config", file]],
] as const;

describe.each(commandsOfPrepuller)(
  "%s ends with 2 before anything starts, and says what is wrong",
  (_, command) => {
    it.each([
      [
        "every wrong key by its path",
        "lease: 3\npod: { command: [] }\n",
        ["lease has to be", "pod.command has to"],
      ],
      ["an unknown key", "metrics: { port: 1 }\n", ["metrics.port is no key"]],
      [
        "what Kubernetes would refuse",
        "tolerations: [{ operator: Equal }]\n",
        ["tolerations[0] has to have"],
      ],
      ["no YAML", "service: {", ["line 1, column"]],
    ])("%s", async (__, text, parts) => {
      const { code, output, errors } = await outcomeOf(...command(directory.write("bad.yaml", text)));
      expect({ code, output }).toEqual({ code: 2, output: "" });
      expect(errors).toContain("The configuration cannot be used");
      for (const part of parts) expect(errors).toContain(part);
    });
  },
);

describe("a file of the other kind is refused with 2, and the command that takes it is named", () => {
  it.each([
    ["serve", "lease: {}\n", "this is a prepuller's file: start it with prepull"],
    ["prepull", `sources:${source}`, "this is a service's file: start it with serve"],
  ])("%s", async (command, text, because) => {
    const { code, errors } = await outcomeOf(command, "--config", directory.write("other.yaml", text));
    expect(code).toBe(2);
    expect(errors).toContain(because);
  });
});

describe("serve takes the file", () => {
  it.each([
    ["of IMAGE_SOURCE_CONFIG", [], "/none/environment.yaml"],
    [
      "of --config rather than of IMAGE_SOURCE_CONFIG",
      ["--config", "/none/option.yaml"],
      "/none/option.yaml",
    ],
  ])("%s", async (_, args, named) => {
    vi.stubEnv("IMAGE_SOURCE_CONFIG", "/none/environment.yaml");
    const { code, errors } = await outcomeOf("serve", ...args);
    expect(code).toBe(2);
    expect(errors).toContain(`${named} cannot be read`);
    expect(errors.match(/\/none\//g)?.length).toBe(errors.split(named).length - 1);
  });
});
