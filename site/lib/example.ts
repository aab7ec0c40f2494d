/** A captured message as the pages have it. */
import type { Dissection } from './dissect.ts';

export interface ExampleName {
  /** `rtnl/addr/add` */
  readonly name: string;
  readonly title: string;
  readonly message: string;
  /** To the kernel, or from it. */
  readonly sent: boolean;
  readonly protocol: string;
}

export interface Example extends ExampleName {
  readonly setup: readonly string[];
  readonly command: string;
  readonly program: string;
  readonly kernel: string;
  readonly hex: string;
  readonly dissection: Dissection;
}
