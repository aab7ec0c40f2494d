/**
 * Notes on an encoding that the value alone does not show: a string without its NUL, a boolean of
 * 2.
 *
 * A codec leaves the note here while it reads; the enclosing set stores it under `nlaNotes`, so
 * that encoding gives the same bytes again.
 */

let noted: string | undefined;

/** Leaves a note on the value that is being read. */
export function noteForm(form: string): void {
  noted = form;
}

/** Returns the note and clears it. */
export function takeNote(): string | undefined {
  const note = noted;
  noted = undefined;
  return note;
}
