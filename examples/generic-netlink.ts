/** Declares a part of a generic netlink family, and asks which links have a carrier. */
import { genlFamily, genlMessage, openGenl } from '../src/genl/index.ts';
import { attr, attrs, cstr, nested, u8 } from '../src/netlink/index.ts';

// linux/ethtool_netlink.h
const header = attrs({ devName: attr('ETHTOOL_A_HEADER_DEV_NAME', 2, cstr, 'name of the link') });
const linkstate = attrs({
  header: attr('ETHTOOL_A_LINKSTATE_HEADER', 1, nested(header), 'the link'),
  link: attr('ETHTOOL_A_LINKSTATE_LINK', 2, u8, 'whether it has a carrier'),
});
const get = { ETHTOOL_MSG_LINKSTATE_GET: 6 };
const state = genlMessage('linkstate', get, linkstate, { doc: 'The state of a link.' });
const ethtool = genlFamily('ethtool', { version: 1, messages: [state] });

using genl = openGenl();
using connection = genl.open(ethtool);
console.log('groups:', connection.family.groups.map(({ name }) => name).join());
for (const { attrs: a } of connection.dump(connection.command('ETHTOOL_MSG_LINKSTATE_GET'))) {
  console.log(a.header?.devName, a.link === 1 ? 'has a carrier' : 'has no carrier');
}
