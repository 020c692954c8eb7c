/**
 * How each example client is started, once it is made ready.
 */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { packageProject } from "../support/package-project.ts";
import { newDirectory, root, tools } from "../support/paths.ts";
import type { Place } from "../support/place.ts";
import type { Command } from "./dialogue.ts";
import { kubeconfig } from "./stage.ts";

export const clientNames = [
  "TypeScript on Node",
  "TypeScript on Deno",
  "Python in KubeSpawner",
  "Go",
  "grpcurl",
  "curl",
] as const;
export type ClientName = (typeof clientNames)[number];

/** Which port a client asks. */
export function portFor(name: ClientName, { port, httpPort }: Place): number {
  return name === "curl" ? httpPort : port;
}

/** Makes them ready. The first time on a machine that takes a minute or two. */
export async function clientCommands(): Promise<Record<ClientName, Command>> {
  const { stdout } = await promisify(execFile)(join(root, "test/e2e/clients/set-up.sh"));
  const {
    go = "",
    hub = "",
    python = "",
  } = Object.fromEntries(
    stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=") as [string, string]),
  );
  const spawner = join(await typescriptProject(), "spawner/spawner.ts");
  const shell = (name: string) => join(root, "examples/clients/shell", `${name}.sh`);
  const bin = newDirectory("bin");
  symlinkSync(tools.grpcurl, join(bin, "grpcurl"));
  return {
    "TypeScript on Node": { command: join(root, "node_modules/.bin/node"), args: [spawner] },
    "TypeScript on Deno": {
      command: join(root, "node_modules/.bin/deno"),
      args: ["run", "--allow-net", "--allow-env", "--allow-read", spawner],
      env: { DENO_NO_UPDATE_CHECK: "1" },
    },
    "Python in KubeSpawner": {
      command: join(hub, "bin/python"),
      args: [join(python, "hub.py"), join(python, "jupyterhub_config.py")],
      env: { KUBECONFIG: kubeconfig() },
    },
    Go: { command: join(go, "examples/clients/go/spawner"), args: [] },
    grpcurl: {
      command: shell("grpcurl"),
      args: [],
      env: { PATH: `${bin}${delimiter}${process.env.PATH}` },
    },
    curl: { command: shell("curl"), args: [] },
  };
}

/** A project that has installed the package, with the example in it. */
async function typescriptProject(): Promise<string> {
  const project = await packageProject();
  mkdirSync(join(project, "spawner"), { recursive: true });
  cpSync(join(root, "examples/clients/typescript"), join(project, "spawner"), { recursive: true });
  return project;
}
