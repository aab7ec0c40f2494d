/**
 * Notes on the form of bytes that a value alone cannot tell: a string without its NUL, a truth value of 2.
 *
 * A codec leaves the note here while it reads; the set around it takes it and keeps it under `nlaNotes`, so that encoding
 * gives the same bytes again.
 */

let noted: string | undefined;

export function noteForm(form: string): void {
  noted = form;
}

/** Takes the note away. */
export function takeNote(): string | undefined {
  const note = noted;
  noted = undefined;
  return note;
}
