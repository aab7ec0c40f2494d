/** `netlink-ts monitor`: prints notifications as they arrive. */
import { parseArgs } from 'node:util';
import { toHex } from '../netlink/codec/bytes.ts';
import { toJson } from '../netlink/codec/json.ts';
import { jsonText, printable } from '../printable.ts';
import type { MissEvent, MonitorEvent, ObjectEvent } from '../rtnl/monitor/object-monitor.ts';
import { MONITORED, type MonitoredObjects } from '../rtnl/monitor/events.ts';
import { open } from '../rtnl/open.ts';
import { cells, cellsOf, COLUMNS, linkNames, type Columns, type Names } from './columns.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { didYouMean } from './hint.ts';
import { styled } from './table.ts';
import { untilStopped } from './until-stopped.ts';
import { WATCHED, type WatchedEvent } from './watched.ts';

const KINDS = Object.keys(MONITORED) as (keyof MonitoredObjects)[];

const HELP = `netlink-ts monitor [OBJECTS…] [--json] [--netns NAME]

OBJECTS are any of ${KINDS.join(', ')};
default all. Or one of these alone: ${Object.keys(WATCHED).join(', ')}.

  --json        JSON, one event per line
  --netns NAME  in this network namespace: a name of ip-netns(8) or a path
  --all-netns   also from all namespaces that have an id in this one
  --initial     report existing objects first
  --resync      after a loss list everything again and report the difference
  --count N     end after N events
`;

export const monitor: Command = {
  summary: 'report what is added, changed and deleted',
  help: HELP,
  async run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean', default: false },
        netns: { type: 'string' },
        'all-netns': { type: 'boolean', default: false },
        initial: { type: 'boolean', default: false },
        resync: { type: 'boolean', default: false },
        count: { type: 'string' },
      },
      allowPositionals: true,
    });
    const most = values.count === undefined ? Infinity : Number(values.count);
    if (!(most > 0)) throw new UsageError(`--count must be a number of events`);
    const [first = ''] = positionals;
    if (positionals.length === 1 && Object.hasOwn(WATCHED, first)) {
      const alien = (['all-netns', 'initial', 'resync'] as const).find((name) => values[name]);
      if (alien !== undefined) throw new UsageError(`${first} cannot be monitored with --${alien}`);
      return watch(first, values, most, output);
    }
    const kinds = positionals.length === 0 ? KINDS : (positionals as (keyof MonitoredObjects)[]);
    const unknown = kinds.find((kind) => !KINDS.includes(kind));
    if (unknown !== undefined) {
      throw new UsageError(
        Object.hasOwn(WATCHED, unknown)
          ? `${unknown} can only be monitored alone`
          : `${jsonText(unknown)} cannot be monitored, only ${KINDS.join(', ')}${didYouMean(unknown, KINDS)}`,
      );
    }

    using rt = open({ netns: values.netns });
    const names = linkNames(rt);
    const end = untilStopped();
    const events = rt.monitor(Object.fromEntries(kinds.map((kind) => [kind, true])), {
      signal: end.signal,
      allNamespaces: values['all-netns'],
      initial: values.initial,
      resync: values.resync,
    });
    let count = 0;
    for await (const event of events) {
      output.write(
        values.json ? `${jsonText(toJson(plain(event)))}\n` : line(event, names, output.colours),
      );
      if (++count >= most) break;
    }
    end.done();
    return 0;
  },
};

/** Monitors objects of another family than rtnetlink. */
async function watch(
  kind: string,
  { json, netns }: { readonly json: boolean; readonly netns?: string | undefined },
  most: number,
  output: Output,
): Promise<number> {
  const end = untilStopped();
  const { columns, events, close } = await WATCHED[kind]!(netns, end.signal);
  try {
    let count = 0;
    for await (const event of events) {
      output.write(
        json ? `${jsonText(toJson(plain(event)))}\n` : watchedLine(event, columns, output.colours),
      );
      if (++count >= most) break;
    }
  } finally {
    close();
    end.done();
  }
  return 0;
}

/** An error has no JSON form of its own. */
const plain = (event: MonitorEvent | WatchedEvent): object =>
  'error' in event ? { ...event, error: event.error.message } : event;

/**
 * `+ addrs   dev=eth0 address=192.0.2.2/24 scope=global`; a missing neighbour has a question mark.
 */
function line(event: MonitorEvent, names: Names, colours: boolean): string {
  if (!('value' in event)) return unusualLine(event, colours);
  const { value, nsid } = event;
  const type = event.type === 'miss' ? 'neighs' : event.type;
  const mark = markOf(event, colours);
  const where = nsid === undefined ? '' : ` nsid=${nsid}`;
  // Indexes of another namespace cannot be resolved here.
  const words = cells(type, value as never, nsid === undefined ? names : (index) => `#${index}`);
  return `${mark} ${styled(type.padEnd(8), 'bold', colours)}${where} ${told(COLUMNS[type], words)}\n`;
}

function watchedLine(event: WatchedEvent, columns: Columns<any>, colours: boolean): string {
  if (!('value' in event)) return unusualLine(event, colours);
  const words = cellsOf(columns, event.value, (index) => `#${index}`);
  const mark = actionMark(event.action, colours);
  return `${mark} ${styled(event.type.padEnd(8), 'bold', colours)} ${told(columns, words)}\n`;
}

/** An event that is not about an object. */
function unusualLine(
  event: Exclude<MonitorEvent | WatchedEvent, { readonly value: unknown }>,
  colours: boolean,
): string {
  if ('error' in event) {
    const { error, bytes } = event;
    return `${styled('! unreadable', 'red', colours)} ${error.message}: ${toHex(bytes)}\n`;
  }
  return `${styled(`! ${event.type}`, event.type === 'lost' ? 'red' : 'dim', colours)}\n`;
}

const told = (columns: Columns<any>, words: readonly string[]): string =>
  Object.keys(columns)
    .map((heading, i) => `${heading.toLowerCase()}=${printable(words[i]!)}`)
    .filter((text) => !text.endsWith('='))
    .join(' ');

function markOf(event: ObjectEvent | MissEvent, colours: boolean): string {
  if (event.type === 'miss') return styled('?', 'red', colours);
  return actionMark(event.action, colours);
}

const MARKS = { new: ['+', 'green'], set: ['~', 'cyan'], del: ['-', 'yellow'] } as const;

const actionMark = (action: keyof typeof MARKS, colours: boolean): string => {
  const [mark, style] = MARKS[action];
  return styled(mark, style, colours);
};
