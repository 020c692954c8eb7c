/**
 * When something that changes is saved: at most once a second, one save at a time, and what is not saved yet at the
 * end. One that fails is tried again, less and less often.
 *
 * Knows nothing of what is saved.
 */

/** From the first change to its save, and from the end of one save to the next. */
const shortest = 1_000;
/** While it fails. Somebody makes room, and wants to see that it helped. */
const longest = 10_000;

export class SaveSchedule {
  readonly #save: () => Promise<boolean>;
  #timer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;
  #isDirty = false;
  #isEnding = false;
  #failures = 0;

  /** `save` tells whether it has succeeded, and does not fail. */
  constructor(save: () => Promise<boolean>) {
    this.#save = save;
  }

  changed(): void {
    this.#isDirty = true;
    this.#schedule();
  }

  /** Saves what is not saved yet, and nothing ever after. Ends also where that fails. */
  async end(): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#timer);
    await this.#saving;
    if (this.#isDirty) await this.#once();
  }

  #schedule(): void {
    if (this.#isEnding || this.#saving || this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        void this.#once();
      },
      Math.min(longest, shortest * 2 ** this.#failures),
    );
  }

  #once(): Promise<void> {
    this.#isDirty = false;
    this.#saving = this.#save().then((succeeded) => {
      this.#saving = undefined;
      this.#isDirty ||= !succeeded;
      this.#failures = succeeded ? 0 : this.#failures + 1;
      if (this.#isDirty) this.#schedule();
    });
    return this.#saving;
  }
}
