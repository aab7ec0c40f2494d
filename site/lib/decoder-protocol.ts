/** What the decoder's page and its worker say to each other. */
import type { Dissection } from './dissect.ts';

/** A message of the list. */
export interface Row {
  /** The call or packet that it comes from; empty if that is unknown. */
  readonly title: string;
  readonly protocol: string;
  readonly type: string;
  readonly hex: string;
  readonly summary: string;
  readonly faulty: boolean;
}

export interface Reading {
  readonly rows: readonly Row[];
  readonly notes: readonly string[];
  /** The protocol was guessed from the types. */
  readonly guessed: boolean;
}

export interface Decoded {
  readonly hex: string;
  readonly protocol: string;
  readonly dissection: Dissection;
  /** Annotated hexadecimal, as in a fixture. */
  readonly annotated: string;
}

export type Ask =
  | { readonly ask: 'read'; readonly input: string | Uint8Array; readonly protocol?: string }
  | { readonly ask: 'decode'; readonly hex: string; readonly protocol: string }
  | { readonly ask: 'encode'; readonly frame: unknown; readonly protocol: string };

export type Question = Ask & { readonly id: number };

export interface Answer {
  readonly id: number;
  readonly progress?: number;
  readonly read?: Reading;
  readonly decoded?: Decoded;
  readonly hex?: string;
  readonly error?: string;
}
