/** What `netlink-ts doctor` found out about one subject. */
export interface Finding {
  /** A note is worth knowing; a problem makes calls of the plugins fail. */
  readonly state: 'ok' | 'note' | 'problem';
  readonly subject: string;
  readonly text: string;
  /** What to do about it. */
  readonly advice?: string;
}

export const ok = (subject: string, text: string): Finding => ({ state: 'ok', subject, text });

export const note = (subject: string, text: string, advice: string): Finding => ({
  state: 'note',
  subject,
  text,
  advice,
});

export const problem = (subject: string, text: string, advice: string): Finding => ({
  state: 'problem',
  subject,
  text,
  advice,
});
