/**
 * A command with its output captured, and files for it to read.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { run } from "../../src/cli/run.ts";

export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs it in this process, as `main.ts` would. */
export async function outcomeOf(...args: string[]): Promise<Outcome> {
  const output = vi.spyOn(console, "log").mockImplementation(() => {});
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  try {
    const code = await run(args);
    return { code, output: textOf(output.mock.calls), errors: textOf(errors.mock.calls) };
  } finally {
    output.mockRestore();
    errors.mockRestore();
  }
}

function textOf(calls: readonly unknown[][]): string {
  return calls.map((call) => call.join(" ")).join("\n");
}

export interface Directory {
  readonly path: string;
  write(name: string, content: string): string;
  remove(): void;
}

export function newDirectory(): Directory {
  const path = mkdtempSync(join(tmpdir(), "image-source-cli-"));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      writeFileSync(file, content);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

export const source = `
  - name: lab
    type: static
    registry: registry.example.org
    repository: sciplat/lab
    images: [{ tag: w_1 }]
`;

export const dockerSource = `
  - name: hub
    type: docker
    registry: registry.example.org
    repository: sciplat/lab
`;
