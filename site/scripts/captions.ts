/**
 * What a step of a recording is for, in words: by the message and its attributes. A step that
 * nothing is known about is an error, so that a new message of a plugin gets its text.
 */
import { fromHex } from '../../src/netlink/codec/bytes.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import { toJson } from '../../src/netlink/codec/json.ts';
import type { Step, Told } from '../lib/recording.ts';
import { protocolOf } from './recording-form.ts';

interface Payload {
  readonly family?: string;
  readonly index?: number;
  readonly flags?: readonly string[];
  readonly change?: readonly string[];
  readonly prefixlen?: number;
  readonly dstLen?: number;
  readonly attrs?: Readonly<Record<string, any>>;
}

/** Names of links by number, as far as answers told them. */
type Names = ReadonlyMap<string, string>;

export function captionOf(step: Step, names: Names): Told {
  switch (step.kind) {
    case 'lease':
      return {
        title: `The address ${step.subject} is leased`,
        text: 'No message: `host-local` writes a file with the name of the address, and with container and interface in it. A lock makes sure that nobody else takes the same address.',
      };
    case 'release':
      return {
        title: `The lease of ${step.subject} ends`,
        text: 'The file is removed; another container may have the address.',
      };
    case 'setting':
      return setting(step.subject);
  }
  const protocol = protocolOf(step.protocol);
  const [frame] = decode(protocol, fromHex(step.hex));
  const { payload } = toJson(frame) as unknown as { payload: Payload };
  const type = String(frame!.type);
  const index = payload.index ?? 0;
  const dev = names.get(`${step.side}:${index}`) ?? `number ${index}`;
  const told = (step.kind === 'notification' ? NOTIFIED : SENT)[type]?.(payload, dev, names, step);
  if (told === undefined) throw new Error(`no caption for ${step.kind} ${type}`);
  return told;
}

const SETTINGS: Readonly<Record<string, readonly [string, string]>> = {
  'ipv4/ip_forward': ['The host forwards IPv4', 'A gateway has to pass packets on.'],
  'ipv6/conf/all/forwarding': ['The host forwards IPv6', 'A gateway has to pass packets on.'],
  accept_ra: [
    'Router advertisements are ignored',
    'Else anyone on this network could give the interface another address and another gateway.',
  ],
  disable_ipv6: [
    'IPv6 is enabled or disabled',
    'It is enabled where the container gets an IPv6 address, and disabled where it gets none.',
  ],
  keep_addr_on_down: [
    'Addresses outlive a down',
    'IPv6 addresses stay when the interface is set down.',
  ],
  accept_dad: [
    'No duplicate address detection',
    'The address is the only one of its kind: it was leased. Without the probes it can be used at once.',
  ],
  ndisc_notify: [
    'Neighbours are told about IPv6 addresses',
    'Who knew the address with another MAC address learns the new one.',
  ],
  arp_notify: [
    'Neighbours are told about IPv4 addresses',
    'Who knew the address with another MAC address learns the new one.',
  ],
};

function setting(subject: string): Told {
  const [key, value] = subject.split(' = ') as [string, string];
  const path = key.slice('net/'.length);
  const found = SETTINGS[path] ?? SETTINGS[path.split('/').at(-1)!];
  if (found === undefined) throw new Error(`no caption for ${subject}`);
  const [title, text] = found;
  const dev = /conf\/(?!all)(\w+)\//.exec(path)?.[1];
  return {
    title: dev === undefined ? title : `${title} on ${dev}`,
    text: `No message: a file in \`/proc/sys\` is written. ${text}`,
    command: `sysctl -w ${key.replaceAll('/', '.')}=${value}`,
  };
}

type Caption = (payload: Payload, dev: string, names: Names, step: Step) => Told | undefined;

/** A refusal, or an empty list, is one answer. */
const isRefused = (step: Step): boolean => step.kind === 'message' && step.answers.length === 1;

const SENT: Readonly<Record<string, Caption>> = {
  RTM_NEWLINK({ attrs = {}, flags = [], change = [] }, dev, names) {
    const { ifname, linkinfo, master, ifalias, newNetnsid } = attrs;
    const kind = linkinfo?.kind as string | undefined;
    if (kind === 'bridge') {
      return {
        title: `The bridge ${ifname}`,
        text: 'Made by the first ADD of the network; `NLM_F_EXCL` makes it an error if it exists by now. It gets its MAC address at once, so that it does not take over that of a port and change it with the next one.',
        command: `ip link add ${ifname} address ${attrs['address']} type bridge`,
      };
    }
    if (kind === 'veth') {
      const peer = linkinfo.data?.peer?.attrs ?? linkinfo.data?.peer ?? {};
      return {
        title: `A pair: ${ifname} here, ${peer.ifname} in the container`,
        text: 'One message makes both ends. The peer is a message inside the message, with the descriptor of the namespace that it is born in: it never exists on the host under its name. The name of this end is a digest of network, container and interface, so that DEL knows it without having stored it.',
        command: `ip link add ${ifname} type veth peer name ${peer.ifname} netns web`,
      };
    }
    if (kind === 'ipvlan') {
      return {
        title: `The link ${ifname}, made in the container`,
        text: 'It shares the link of the host and its MAC address. It is born in the namespace of the container and has its name from the beginning.',
        command: `ip -n web link add ${ifname} link ${names.get(`host:${attrs['link']}`) ?? attrs['link']} type ipvlan mode ${linkinfo.data?.mode ?? 'l2'}`,
      };
    }
    if (
      ifalias !== undefined &&
      Object.keys(attrs).every((key) => ['ifname', 'ifalias'].includes(key))
    ) {
      return {
        title: `Whose it is: ${ifalias}`,
        text: 'The alias of the link names network, container and interface. The kernel stores it for us: GC and an administrator can read whose link this is, and no file can be lost.',
        command: `ip link set ${ifname ?? dev} alias ${ifalias}`,
      };
    }
    if (master !== undefined) {
      const bridge = names.get(`host:${master}`) ?? master;
      return {
        title: `${dev} becomes a port of ${bridge}, and is up`,
        text: 'From now on the bridge passes frames of this port on, as soon as the other end is up too.',
        command: `ip link set ${dev} master ${bridge} up`,
      };
    }
    if (newNetnsid !== undefined) return undefined;
    if (change.includes('up') && flags.includes('up')) {
      return {
        title: `${dev} comes up`,
        text: 'Two words of the header say it: the flag, and a mask of the flags to change. No attribute is needed.',
        command: `ip link set ${dev} up`,
      };
    }
    return undefined;
  },
  RTM_GETLINK({ attrs = {} }, dev, _names, step) {
    const kind = attrs['linkinfo']?.kind as string | undefined;
    if (kind === 'ipvlan') {
      return {
        title: 'Which links of kind ipvlan are there?',
        text: 'ADD looks for those of the same master, which must all have its mode; DEL finds the one of this attachment, by its alias.',
        command: 'ip link show type ipvlan',
      };
    }
    if (kind !== undefined) {
      return {
        title: `Does anyone else forward here already?`,
        text: `All links of kind ${kind} are listed. Whether forwarding is taken back when this ADD fails depends on the attachments that came meanwhile.`,
        command: `ip link show type ${kind}`,
      };
    }
    const name = attrs['ifname'] ?? dev;
    if (isRefused(step)) {
      return {
        title: `Is the name ${name} free?`,
        text: 'The kernel answers that there is no such link, and so it may be made. Had it been there, ADD would end here, with nothing to undo but the lease.',
        command: `ip link show ${name}`,
      };
    }
    return {
      title: `What is ${name}?`,
      text: 'The kernel has chosen a number for the link; further messages name it by this number. The answer to a request and its acknowledgement are two messages.',
      command: `ip link show ${name}`,
    };
  },
  RTM_DELLINK({ attrs = {} }, dev) {
    const name = attrs['ifname'] ?? dev;
    return {
      title: `${name} is removed`,
      text:
        attrs['ifname'] === undefined
          ? 'By its number, in the namespace of the container. Its addresses and routes go with it; the link of the host stays as it was.'
          : 'By its name, which is computed: DEL needs no namespace, no bridge and no earlier result. The other end goes with it, and with that its addresses and routes.',
      command: `ip link delete ${name}`,
    };
  },
  RTM_NEWNSID: () => ({
    title: 'A number for the namespace of the container',
    text: 'With it the kernel can say, in its answers, which link of that namespace belongs to a link of ours.',
  }),
  RTM_GETNSID: () => ({
    title: 'Which number has the namespace of the container?',
    text: 'Numbers of namespaces are those of the asking one. Answers of the kernel name a link in another namespace by such a number.',
  }),
  RTM_NEWADDR({ attrs = {}, prefixlen, family }, dev) {
    const address = `${attrs['local'] ?? attrs['address']}/${prefixlen}`;
    return {
      title: `${address} for ${dev}`,
      text:
        family === 'inet6' && attrs['flags'] === undefined
          ? 'It is tentative at first: the kernel asks the neighbours whether one of them has it already.'
          : family === 'inet6'
            ? 'With the flag `nodad`: no second passes in which a neighbour may object to the address.'
            : 'The kernel adds the route to the subnet by itself when the link is up.',
      command: `ip addr add ${address} dev ${dev}`,
    };
  },
  RTM_GETADDR: (_, dev) => ({
    title: `Which addresses has ${dev}?`,
    text: 'An address that is there need not be set.',
    command: `ip addr show dev ${dev}`,
  }),
  RTM_NEWROUTE({ attrs = {}, dstLen, family }, _dev, names) {
    const dst = dstLen === 0 ? 'default' : `${attrs['dst']}/${dstLen}`;
    const dev = names.get(`container:${attrs['oif']}`) ?? `number ${attrs['oif']}`;
    const via = attrs['gateway'] === undefined ? '' : ` via ${attrs['gateway']}`;
    return {
      title: `The route ${dst}${via}`,
      text:
        via === ''
          ? 'Without a gateway: what is behind the link is asked there.'
          : 'Everything that is not on the network itself goes to the gateway. The kernel refuses a gateway that cannot be reached, so addresses and link come first.',
      command: `ip ${family === 'inet6' ? '-6 ' : ''}route add ${dst}${via} dev ${dev}`,
    };
  },
  RTM_GETROUTE: () => ({
    title: 'Where is the gateway?',
    text: 'The routes of the host are listed.',
    command: 'ip route show',
  }),
  NFT_MSG_GETTABLE: ({ attrs = {}, family }) => ({
    title: `Is there a table ${family} ${attrs['name']}?`,
    text: TABLES[attrs['name'] as string] ?? 'A table of ours is made with the first container.',
    command: `nft list table ${family} ${attrs['name']}`,
  }),
  NFT_MSG_GETCHAIN: ({ attrs = {}, family }) => ({
    title: `Is there a chain ${attrs['name']} in ${family} ${attrs['table']}?`,
    text: 'In the table `nat` it is the one of iptables, whose rules have precedence; in ours it is the one that we need.',
    command: `nft list chain ${family} ${attrs['table']} ${attrs['name']}`,
  }),
  NFT_MSG_GETRULE: ({ attrs = {}, family }) => ({
    title: `Which rules has iptables?`,
    text: 'A rule of the administrator that makes an exception for an address has precedence over ours.',
    command: `nft list chain ${family} ${attrs['table']} ${attrs['chain']}`,
  }),
  NFT_MSG_GETSET: ({ attrs = {}, family }) => ({
    title:
      attrs['name'] === undefined ? 'Which sets are there?' : `Is there a set ${attrs['name']}?`,
    text: 'There is one set for each subnet of a network, and in it an element for each container.',
    command:
      `nft list ${attrs['name'] === undefined ? 'sets table' : 'set'} ${family} ${attrs['table']} ${attrs['name'] ?? ''}`.trimEnd(),
  }),
  NFT_MSG_GETSETELEM: ({ attrs = {}, family }) => ({
    title: `What is in ${attrs['set']}?`,
    text: 'Each element has its owner as a comment. An address that another owner left behind is not overwritten in silence.',
    command: `nft list set ${family} ${attrs['table']} ${attrs['set']}`,
  }),
  NFT_MSG_GETGEN: () => ({
    title: 'Which generation of the ruleset is this?',
    text: 'The kernel counts changes. The transaction below names this number, and is refused if anything changed in between.',
  }),
  NFNL_MSG_BATCH_BEGIN: ({ attrs = {} }) => ({
    title: 'A transaction begins',
    text: `Everything up to its end happens at once or not at all, and only if the ruleset is still generation ${attrs['genid'] ?? ''}.`.replace(
      '  ',
      ' ',
    ),
  }),
  NFNL_MSG_BATCH_END: () => ({
    title: 'The transaction is committed',
    text: 'With this message all of it takes effect; a packet sees all of it or nothing.',
  }),
  NFT_MSG_NEWTABLE: ({ attrs = {}, family }) => ({
    title: `The table ${family} ${attrs['name']}`,
    text: 'Chains and sets live in tables; this one is ours alone. `inet` is for IPv4 and IPv6.',
    command: `nft add table ${family} ${attrs['name']}`,
  }),
  NFT_MSG_NEWCHAIN: ({ attrs = {}, family }) => ({
    title: `The chain ${attrs['name']}`,
    text: 'The kernel calls it for packets that leave the host. Its priority 1000 is after that of other programs: their rules come first.',
    command: `nft add chain ${family} ${attrs['table']} ${attrs['name']} '{ type nat hook postrouting priority 1000; }'`,
  }),
  NFT_MSG_NEWSET: ({ attrs = {}, family }) => ({
    title: `The set ${attrs['name']}`,
    text: 'Addresses of containers of this subnet. A packet takes one look-up, however many there are.',
    command: `nft add set ${family} ${attrs['table']} ${attrs['name']} '{ type ${attrs['keyType']}; }'`,
  }),
  NFT_MSG_NEWRULE: ({ attrs = {} }) => ({
    title: `A rule in ${attrs['chain']}: masquerade what leaves the subnet`,
    text: 'A rule is a list of small expressions: load, compare, look up in the set, masquerade. The rule is the same for all containers.',
  }),
  NFT_MSG_NEWSETELEM: ({ attrs = {}, family }) => ({
    title: `The container's address in ${attrs['set']}`,
    text: 'This is all that a further container of this network adds: one element, with its owner as the comment.',
    command: `nft add element ${family} ${attrs['table']} ${attrs['set']} '{ … }'`,
  }),
  NFT_MSG_DELSETELEM: ({ attrs = {}, family }) => ({
    title: `The container's address leaves ${attrs['set']}`,
    text: 'Other containers keep theirs.',
    command: `nft delete element ${family} ${attrs['table']} ${attrs['set']} '{ … }'`,
  }),
  NFT_MSG_DELTABLE: ({ attrs = {}, family }) => ({
    title: `The table ${attrs['name']} goes with its last element`,
    text: 'With it go chain, rules and sets. If another ADD came between, the transaction would be refused and planned anew.',
    command: `nft delete table ${family} ${attrs['name']}`,
  }),
};

const TABLES: Readonly<Record<string, string>> = {
  cni_plugins_masquerade:
    'The table of the reference. DEL removes what the reference made for this container, so that one may change from one to the other.',
  nat: 'That of iptables, in which the reference or another back end may have rules for this container.',
};

const NOTIFIED: Readonly<Record<string, Caption>> = {
  RTM_NEWLINK: ({ family }, dev) => ({
    title: family === 'bridge' ? `The port ${dev} carries packets` : `${dev} has changed`,
    text:
      family === 'bridge'
        ? 'Not an answer, but a notification: ADD has joined the group and waits for this, so that the first packet of the container is not lost.'
        : 'A notification of the group that ADD has joined; it waits for another one.',
  }),
  RTM_NEWADDR: ({ attrs = {}, flags = [] }, dev) => {
    const all = (attrs['flags'] ?? flags) as readonly string[];
    return all.includes('tentative')
      ? {
          title: `${attrs['address']} is tentative`,
          text: 'A notification: the kernel asks whether a neighbour has this address already, which takes a second.',
        }
      : {
          title: `${attrs['address']} may be used on ${dev}`,
          text: 'A notification, which ADD has waited for: no neighbour has objected to the address.',
        };
  },
};

/** Adds the numbers and names that the kernel tells. */
export function learn(step: Step, names: Map<string, string>): void {
  if (step.kind !== 'message' && step.kind !== 'notification') return;
  const protocol = protocolOf(step.protocol);
  const texts = step.kind === 'message' ? step.answers : [step.hex];
  for (const hex of texts) {
    const [frame] = decode(protocol, fromHex(hex));
    if (frame!.type !== 'RTM_NEWLINK') continue;
    const { index, attrs } = (toJson(frame) as unknown as { payload: Payload }).payload;
    if (attrs?.['ifname']) names.set(`${step.side}:${index}`, attrs['ifname']);
  }
}
