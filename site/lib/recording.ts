/** One ADD and one DEL of a plugin, as they were recorded, and as the pages have them. */
import type { Dissection } from './dissect.ts';

/** Which namespace a socket was opened in. */
export type Side = 'host' | 'container';

export interface Link {
  readonly name: string;
  /** `bridge`, `veth`, `ipvlan`, `dummy`, `loopback` */
  readonly kind: string;
  readonly up: boolean;
  /** The bridge that it is a port of. */
  readonly master?: string;
  /** What sets it apart, in iproute2's words. */
  readonly notes: readonly string[];
  readonly addresses: readonly string[];
}

export interface Namespace {
  readonly links: readonly Link[];
  /** As `ip route` prints them. */
  readonly routes: readonly string[];
  /** As `nft list ruleset` prints them. */
  readonly rules: readonly string[];
  /** Below /proc/sys/net, where the plugin wrote. */
  readonly settings: readonly string[];
}

export interface State {
  readonly host: Namespace;
  readonly container: Namespace;
  /** Names of the files of leases. */
  readonly leases: readonly string[];
}

/** A message to the kernel with its answers. */
export interface Exchange {
  readonly kind: 'message';
  readonly side: Side;
  readonly protocol: string;
  /** Counts from 1; messages of one datagram have the same. */
  readonly datagram: number;
  readonly hex: string;
  readonly answers: readonly string[];
}

/** A message that the kernel sent by itself. */
export interface Notification {
  readonly kind: 'notification';
  readonly side: Side;
  readonly protocol: string;
  readonly hex: string;
}

/** What a plugin does without netlink. */
export interface Act {
  readonly kind: 'lease' | 'release' | 'setting';
  readonly side: Side;
  /** An address, or a key below /proc/sys with its value. */
  readonly subject: string;
}

export type Step = (Exchange | Notification | Act) & {
  /** Where it differs from the step before. */
  readonly state?: State;
};

export interface Call {
  readonly command: 'ADD' | 'DEL';
  readonly before: State;
  readonly steps: readonly Step[];
  /** What it printed. */
  readonly output: string;
}

export interface Recording {
  readonly kernel: string;
  readonly version: string;
  readonly setup: readonly string[];
  readonly config: object;
  readonly calls: readonly Call[];
}

/** A step as the page draws it. */
export interface Told {
  readonly title: string;
  readonly text: string;
  /** What does the same by hand. */
  readonly command?: string;
}

export interface DrawnMessage {
  readonly type: string;
  readonly summary: string;
  readonly page?: string;
  readonly protocol: string;
  readonly hex: string;
  readonly dissection: Dissection;
}

export interface DrawnStep extends Told {
  readonly kind: Step['kind'];
  readonly side: Side;
  readonly datagram?: number;
  readonly messages: readonly DrawnMessage[];
  readonly state: State;
}

export interface Drawn {
  readonly kernel: string;
  readonly config: string;
  readonly calls: readonly {
    readonly command: string;
    readonly before: State;
    readonly output: string;
    readonly steps: readonly DrawnStep[];
  }[];
}
