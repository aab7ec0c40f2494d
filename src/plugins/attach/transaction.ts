/**
 * ADD as a transaction: each change to the host stands beside its inverse, and an error runs the
 * inverses backwards.
 */

export interface Transaction {
  /**
   * Makes a change. `undo` gets what `change` returned and takes it back. The name of the step
   * appears in what is said when taking it back fails.
   */
  step<T>(name: string, change: () => T, undo?: (made: T) => void): T;
}

export interface TransactionOptions {
  /** Told when an inverse failed; the error that led to the roll-back is thrown all the same. */
  readonly warn: (line: string) => void;
  /**
   * Called after each step, before the next: where a test makes an ADD fail, and where a pending
   * signal ends it.
   */
  readonly afterStep?: ((name: string) => void) | undefined;
}

/** Runs `body`; when it throws, everything that its steps did is undone, the latest first. */
export function transaction<T>(options: TransactionOptions, body: (t: Transaction) => T): T {
  const undos: { name: string; undo: () => void }[] = [];
  const step = <S>(name: string, change: () => S, undo?: (made: S) => void): S => {
    const made = change();
    if (undo !== undefined) undos.push({ name, undo: () => undo(made) });
    options.afterStep?.(name);
    return made;
  };
  try {
    return body({ step });
  } catch (error) {
    for (const { name, undo } of undos.reverse()) {
      try {
        undo();
      } catch (failure) {
        options.warn(`rolling back "${name}": ${(failure as Error).message}`);
      }
    }
    throw error;
  }
}
