/**
 * How a configuration of either kind is refused.
 */

/** A file that is something else altogether is wrong everywhere; so much of it is told. */
const maxProblems = 50;

/** A configuration that cannot be used, with everything that is wrong in it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  /** Each begins with the path of the key: `sources[0].registry has to be …`. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: ErrorOptions) {
    const more = problems.length > maxProblems ? [`and ${problems.length - maxProblems} more`] : [];
    const told = [...problems.slice(0, maxProblems), ...more];
    super(told.join("\n"), options);
    this.problems = told;
  }
}
