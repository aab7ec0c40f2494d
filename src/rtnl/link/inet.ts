/**
 * The IPv4 settings of a link: AF_INET in `IFLA_AF_SPEC`.
 *
 * include/uapi/linux/if_link.h, `IFLA_INET_*`; include/uapi/linux/ip.h, `IPV4_DEVCONF_*`;
 * Documentation/networking/ip-sysctl.rst. The values are those of /proc/sys/net/ipv4/conf/NAME; a
 * request can set them.
 */
import { attr, attrs, type Attr, type UnknownAttrs } from '../../netlink/codec/attributes.ts';
import { LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { counted, s32, type Codec, type Input, type Static } from '../../netlink/codec/codec.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../../netlink/constants.ts';
import { lazy } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';

/** `IPV4_DEVCONF_*`, numbered from 1. */
const devconf = {
  forwarding: s32,
  mcForwarding: s32,
  proxyArp: s32,
  acceptRedirects: s32,
  secureRedirects: s32,
  sendRedirects: s32,
  sharedMedia: s32,
  rpFilter: s32,
  acceptSourceRoute: s32,
  bootpRelay: s32,
  logMartians: s32,
  tag: s32,
  arpfilter: s32,
  mediumId: s32,
  noxfrm: s32,
  nopolicy: s32,
  forceIgmpVersion: s32,
  arpAnnounce: s32,
  arpIgnore: s32,
  promoteSecondaries: s32,
  arpAccept: s32,
  arpNotify: s32,
  acceptLocal: s32,
  srcVmark: s32,
  proxyArpPvlan: s32,
  routeLocalnet: s32,
} as const;
const laterDevconf = {
  igmpv2UnsolicitedReportInterval: counted(s32, 'ms'),
  igmpv3UnsolicitedReportInterval: counted(s32, 'ms'),
  ignoreRoutesWithLinkdown: s32,
  dropUnicastInL2Multicast: s32,
  dropGratuitousArp: s32,
  bcForwarding: s32,
  arpEvictNocarrier: s32,
} as const;

/** All values, as the kernel reports them. */
const array = struct('ipv4_devconf', devconf, laterDevconf);

/** Single values, as a request sets them. */
const settings = lazy('attributes IPV4_DEVCONF_*', () => (madeSettings ??= makeSettings()));
let madeSettings: ReturnType<typeof makeSettings> | undefined;
const makeSettings = () =>
  attrs(
    Object.fromEntries(
      Object.entries(array.fields).map(([key, field], i) => {
        const name = key.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
        return [key, attr(`IPV4_DEVCONF_${name}`, i + 1, field)] as const;
      }),
    ) as Record<string, Attr<number, number>>,
  );

type Devconf<V> = { [K in keyof (typeof devconf & typeof laterDevconf)]?: V };
/** Values by name; `rest` holds those of a newer kernel. */
export type InetConf = Devconf<number> & { rest?: Uint8Array } & UnknownAttrs;
export type InetConfInput = Devconf<number | undefined> & {
  rest?: Uint8Array | string | undefined;
};

/**
 * Attributes of one integer each, up to the last byte. The array may look like one at its start:
 * `forwarding` takes any integer, and 65544 reads as the header of the first attribute.
 */
function isSettings(view: DataView, at: number, end: number): boolean {
  const span = NLA_HDRLEN + s32.span;
  if ((end - at) % span !== 0) return false;
  for (; at < end; at += span) {
    if (view.getUint16(at, LITTLE_ENDIAN) !== span) return false;
    if ((view.getUint16(at + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK) === 0) return false;
  }
  return true;
}

const ALWAYS = Object.keys(devconf);

function isArray(value: object): boolean {
  // The keys of an array that was read are in their order, and comparing them is cheap.
  let next = 0;
  for (const key in value) if (next < ALWAYS.length && key === ALWAYS[next]) next++;
  return next === ALWAYS.length || ALWAYS.every((key) => Object.hasOwn(value, key));
}

/**
 * The kernel reports an array of all values and takes attributes for single ones. A value with all
 * keys that Linux 3.6 had is written as the array, any other as attributes.
 */
const conf: Codec<InetConf, InetConfInput> = {
  type: 'struct ipv4_devconf, or attributes IPV4_DEVCONF_*',
  get: (view, at, end) =>
    (isSettings(view, at, end) ? settings : array).get(view, at, end) as InetConf,
  put(writer, value) {
    if (isArray(value)) array.put(writer, value);
    else settings.put(writer, value as Input<typeof settings>);
  },
  show: (value) =>
    isArray(value)
      ? array.show(value as Static<typeof array>)
      : settings.show(value as Static<typeof settings>),
  inner: () => [{ codec: array }],
};

export const inet = attrs({
  conf: attr('IFLA_INET_CONF', 1, conf, 'IPv4 settings of the link, as in sysctl'),
});

export type Inet = Static<typeof inet>;
export type InetInput = Input<typeof inet>;
