/**
 * Where the sources keep what they know.
 */
import { openStateDirectory, type StateFile } from "../files/state-files.ts";

export interface State {
  /** Of a source, by its name; undefined where nothing is kept. */
  file(name: string): StateFile | undefined;
  /** Takes back what opening has made. */
  unmake(): void;
}

/** Fails, naming the directory, where it cannot be made or written. */
export function openState(directory: string | undefined): State {
  return directory === undefined ? nowhere : openStateDirectory(directory);
}

const nowhere: State = { file: () => undefined, unmake: () => {} };
