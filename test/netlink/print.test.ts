import test from 'ava';
import { fromHex, toHex } from '../../src/netlink/codec/bytes.ts';
import { annotate, show, withoutComments } from '../../src/netlink/codec/print.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { loadFixture, loadFixtures } from '../harness/fixture.ts';

const textOf = (name: string): string => annotate(rtnetlink, loadFixture(name).bytes);

test('print: what stands left of the comments is the bytes', (t) => {
  for (const { protocol, bytes } of loadFixtures('rtnl/route/')) {
    t.is(toHex(fromHex(withoutComments(annotate(protocol, bytes)))), toHex(bytes));
  }
});

test('print: a comment is at most 120 columns wide', (t) => {
  for (const { name, protocol, bytes } of loadFixtures('rtnl/')) {
    const lines = annotate(protocol, bytes).split('\n');
    const wide = lines.filter((line) => line.length > 120);
    t.deepEqual(wide, [], name);
  }
});

test('print: an answer shows the request inside, and where it was wrong', (t) => {
  const text = textOf('netlink/ack/text-offset');
  t.regex(text, /# nlmsgerr error=-22 EINVAL\n/);
  t.regex(text, /#       IFLA_BOND_AD_USER_PORT_KEY 5000\n/);
  t.regex(text, /IFLA_LINKINFO\/IFLA_INFO_DATA\/IFLA_BOND_AD_USER_PORT_KEY\n/);
});

test('print: a request that is torn inside an answer is only payload', (t) => {
  const { bytes } = loadFixture('netlink/ack/text-offset');
  const torn = bytes.slice();
  // The length of IFLA_LINKINFO, behind two message headers, the error number and struct ifinfomsg.
  torn[16 + 4 + 16 + 16] = 0xff;
  const text = annotate(rtnetlink, torn);
  t.regex(text, /#   payload\n/);
  t.regex(text, /NLMSGERR_ATTR_OFFS 48\n/);
});

test('print: an endless lifetime reads forever', (t) => {
  t.regex(textOf('rtnl/addr/loopback'), /IFA_CACHEINFO prefered=forever valid=forever/);
});

test('print: padding of the kernel is shown as empty', (t) => {
  t.regex(textOf('rtnl/rule/tunnel'), /^04 00 12 00 +# nla18 empty$/m);
});

test('print: one line has names and values', (t) => {
  const { bytes } = loadFixture('rtnl/rule/add-goto');
  const line = show(rtnetlink, bytes);
  t.regex(line, /^RTM_NEWRULE family=inet .*FRA_GOTO=200/);
  t.false(line.includes('\n'));
});
