/**
 * ADD as a transaction: each change to the host is declared together with its undo step, and an
 * error runs the undo steps in reverse order.
 */

export interface Transaction {
  /**
   * Makes a change. `undo` gets the value that `change` returned, and reverts the change. The
   * step's name appears in the message when undoing fails.
   */
  step<T>(name: string, change: () => T, undo?: (made: T) => void): T;
}

export interface TransactionOptions {
  /** Called when an undo step failed; the error that led to the roll-back is thrown in any case. */
  readonly warn: (line: string) => void;
  /**
   * Called after each step, before the next: tests make an ADD fail here, and a pending signal ends
   * it.
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
