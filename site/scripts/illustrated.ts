/** The pages of an ADD and a DEL: recordings with their messages taken apart and explained. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fromHex } from '../../src/netlink/codec/bytes.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import { show } from '../../src/netlink/codec/print.ts';
import { dissect } from '../lib/dissect.ts';
import type { Drawn, DrawnMessage, DrawnStep, Recording, Step } from '../lib/recording.ts';
import { captionOf, learn } from './captions.ts';
import { protocolOf } from './recording-form.ts';

const RECORDINGS = resolve(import.meta.dirname, '../recordings');

export const loadRecording = (name: string): Recording =>
  JSON.parse(readFileSync(join(RECORDINGS, `${name}.json`), 'utf8')) as Recording;

/** `pageOf` names the page of a type of message. */
export function drawn(recording: Recording, pageOf: (type: string) => string | undefined): Drawn {
  const { kernel, config, calls } = recording;
  // The container's interface is the first one there besides `lo`; its number is not asked for.
  const names = new Map([['container:2', 'eth0']]);
  return {
    kernel,
    config: JSON.stringify(config, null, 2),
    calls: calls.map(({ command, before, output, steps }) => {
      let state = before;
      return {
        command,
        before,
        output,
        steps: steps.map((step): DrawnStep => {
          learn(step, names);
          state = step.state ?? state;
          return {
            ...captionOf(step, names),
            kind: step.kind,
            side: step.side,
            ...(step.kind === 'message' && { datagram: step.datagram }),
            messages: messagesOf(step).map((hex) => messageOf(step as WithProtocol, hex)),
            state,
          };
        }),
      };
    }),
  };

  function messageOf({ protocol: name }: WithProtocol, hex: string): DrawnMessage {
    const protocol = protocolOf(name);
    const bytes = fromHex(hex);
    const type = String(decode(protocol, bytes)[0]!.type);
    const page = pageOf(type);
    const line = show(protocol, bytes).slice(type.length).trim();
    const summary = line.length > 160 ? `${line.slice(0, 160)}…` : line;
    const common = { type, summary, protocol: name, hex, dissection: dissect(protocol, bytes) };
    return page === undefined ? common : { ...common, page };
  }
}

type WithProtocol = Extract<Step, { protocol: string }>;

const messagesOf = (step: Step): readonly string[] =>
  step.kind === 'message'
    ? [step.hex, ...step.answers]
    : step.kind === 'notification'
      ? [step.hex]
      : [];

const TEXTS = {
  bridge: {
    title: 'bridge, illustrated',
    lead: 'What the plugin `bridge` says to the kernel when a container is attached, and when it is detached: each message in its order, and what host and container look like after it.',
    more: 'A runtime makes a network namespace for a container and starts the plugin with a configuration on standard input. The plugin leases an address, makes a pair of links with one end in the container, connects the other to a bridge, and sets addresses and routes. That is all that an ADD is; this page shows it byte by byte.',
    switches: { masquerade: true, dual: true },
  },
  ipvlan: {
    title: 'ipvlan, illustrated',
    lead: 'What the plugin `ipvlan` says to the kernel when a container is attached, and when it is detached: each message in its order, and what host and container look like after it.',
    more: 'There is no bridge and no pair: the container gets a link that shares a link of the host, here `uplink`, and its MAC address. So an ADD takes fewer messages than that of [bridge](./bridge.md).',
    switches: { masquerade: false, dual: true },
  },
} as const;

export const ILLUSTRATED = Object.keys(TEXTS) as (keyof typeof TEXTS)[];

export function illustratedPage(plugin: keyof typeof TEXTS): string {
  const { title, lead, more, switches } = TEXTS[plugin];
  return [
    `---\ntitle: ${title}\naside: false\ndescription: ${JSON.stringify(lead.replaceAll('`', ''))}\n---`,
    `# ${title}`,
    `<div class="lead">\n\n${lead}\n\n</div>`,
    more,
    `<Illustrated plugin="${plugin}" :masquerade="${switches.masquerade}" :dual="${switches.dual}" />`,
    '## How it was recorded {#recorded}',
    'By `node site/scripts/record.ts`: the executable ran under strace, in namespaces of its own, and these are the bytes that it sent and received. The drawings are what `ip`, `nft` and the lease folder said after each message, which was sent once more for that, alone; in the end both were the same. Messages of one datagram are in one frame: the plugin sends them in one call, and the kernel works them off in their order.',
  ].join('\n\n');
}
