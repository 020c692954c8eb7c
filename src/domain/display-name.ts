/**
 * Names of tags for people: `Weekly 2021_22 (SAL Cycle 0020, Build 001) (RSP Build 19) [foo] [amd64]`.
 */

/** What stands behind a name, as the tag writes it. */
export interface Qualifiers {
  readonly cycle?: string | undefined;
  readonly cycleBuild?: string | undefined;
  readonly build?: string | undefined;
  readonly extra?: string | undefined;
  readonly architecture?: string | undefined;
}

export function displayName(
  name: string,
  { cycle, cycleBuild, build, extra, architecture }: Qualifiers,
): string {
  const parts = [name];
  if (cycle !== undefined)
    parts.push(`(SAL Cycle ${cycle}${cycleBuild === undefined ? "" : `, Build ${cycleBuild}`})`);
  if (build !== undefined) parts.push(`(RSP Build ${build})`);
  if (extra !== undefined) parts.push(`[${extra}]`);
  if (architecture !== undefined) parts.push(`[${architecture}]`);
  return parts.join(" ");
}

/** The name of an alias: `latest_weekly` is `Latest Weekly`. */
export function titleOf(base: string): string {
  return base
    .replaceAll("_", " ")
    .replace(/[A-Za-z]+/g, (run) => run.charAt(0).toUpperCase() + run.slice(1).toLowerCase());
}

/**
 * The name of an alias whose target is known: `Recommended (Weekly 2077_43, SAL Cycle 0045, Build 003)`. The
 * architecture of the alias goes last, and is not said twice.
 */
export function nameWithTarget(
  alias: { readonly base: string; readonly architecture: string | undefined },
  target: { readonly displayName: string; readonly architecture: string | undefined },
): string {
  const same = target.architecture !== undefined && target.architecture === alias.architecture;
  const shown = same ? target.displayName.slice(0, -` [${target.architecture}]`.length) : target.displayName;
  const inner = shown.replaceAll(" (", ", ").replaceAll(")", "");
  return displayName(`${titleOf(alias.base)} (${inner})`, { architecture: alias.architecture });
}
