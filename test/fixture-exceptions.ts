/** Attributes that no fixture holds, by kernel name, each with the reason. `fixtures.test.ts` refuses a line that is not needed. */
export const EXCEPTIONS: Readonly<Record<string, string>> = {};

/** Messages that no fixture holds, by the name of their declaration. */
export const MESSAGE_EXCEPTIONS: Readonly<Record<string, string>> = {};
