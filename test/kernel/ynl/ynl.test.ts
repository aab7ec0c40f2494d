/** Families of specifications in YAML, on the kernel. */
import test from 'ava';
import { openGenl } from '../../../src/genl/index.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../src/netlink/constants.ts';
import { open } from '../../../src/rtnl/open.ts';
import { ynl, ynlFamily } from '../../../src/ynl/index.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { specText } from '../../harness/ynl-spec.ts';

test('ynl: the controller answers as its own verbs have it', (t) => {
  using genl = openGenl();
  using controller = ynl(specText('controller'));
  const families = controller.list('getfamily');
  t.deepEqual(
    families.map(({ familyName, familyId, version }) => ({ familyName, familyId, version })),
    genl.families
      .list()
      .map(({ name, id, version }) => ({ familyName: name, familyId: id, version })),
  );
  const { groups } = genl.families.get('nlctrl');
  const own = controller.do('getfamily', { familyName: 'nlctrl' });
  t.like(own, { familyId: 16, mcastGroups: groups });
  t.is([...controller.dump('getfamily')].length, families.length);
});

test('ynl: errors name the operation, the attribute, the group and the family', (t) => {
  using controller = ynl(specText('controller'));
  t.throws(() => controller.do('getfamily', { familyName: 'nowhere' }), {
    code: 'ENOENT',
    message: /^CTRL_CMD_GETFAMILY: ENOENT/,
  });
  t.throws(() => controller.do('getfamily', { familyNam: 'nlctrl' }), {
    message: 'CTRL_CMD_GETFAMILY: "familyNam" is not an attribute of this set',
  });
  t.throws(() => controller.do('getfamily', { familyName: 5 }), {
    message: 'CTRL_CMD_GETFAMILY/CTRL_ATTR_FAMILY_NAME: 5 is not text',
  });
  t.throws(() => controller.do('setfamily'), {
    message: 'nlctrl has no operation "setfamily", only getfamily',
  });
  t.throws(() => controller.notify('nowhere'), {
    message: 'nlctrl has no group "nowhere", only notify',
  });
  t.throws(() => controller.do(5 as never), {
    message: 'nlctrl.do: operation must be string, not number',
  });
  t.throws(() => controller.do('getfamily', {}, { flags: 'x' as never }), {
    message: 'nlctrl.do: flags must be number, not string',
  });
  t.throws(() => ynl(specText('shed')), { code: 'ENOENT', message: /"shed": .*modprobe shed/ });
});

test('ynl: a closed family refuses', (t) => {
  const controller = ynl(specText('controller'));
  controller.close();
  t.throws(() => controller.list('getfamily'), { code: 'ERR_NETLINK_CLOSED' });
  t.throws(() => controller.notify('notify'), { code: 'ERR_NETLINK_CLOSED' });
});

test('ynl: links of a raw protocol are listed, made and deleted', (t) => {
  const { name: netns } = freshNamespace(t);
  using links = ynl(specText('links'), { netns });
  using rt = open({ netns });
  const [lo] = links.list('getlink');
  const { index, mtu, address } = rt.links.get('lo');
  t.like(lo, { index, mtu, address, ifname: 'lo', flags: ['loopback'] });
  t.like(links.do('getlink', { ifname: 'lo' }), { index: 1, ifname: 'lo' });
  t.throws(() => links.do('getlink', { index: 99 }), { code: 'ENODEV', message: /^RTM_GETLINK/ });
  t.throws(() => links.do('getlink', { family: 1000 }), {
    message: 'RTM_GETLINK/ifinfomsg/family: 1000 is not a u8',
  });
  t.throws(() => links.notify('unnumbered'), {
    message: 'the specification of links has no number for the group "unnumbered"',
  });
});

needs('bridge')('ynl: notifications have the names of their operations', async (t) => {
  const { name: netns } = freshNamespace(t);
  using links = ynl(ynlFamily(specText('links')), { netns });
  const events = links.notify(['rtnlgrp-link']);
  const made = { ifname: 'd0', mtu: 1400, linkinfo: { kind: 'bridge' } };
  t.is(links.do('newlink', made, { flags: NLM_F_CREATE | NLM_F_EXCL }), undefined);
  t.throws(() => links.do('newlink', made, { flags: NLM_F_CREATE | NLM_F_EXCL }), {
    code: 'EEXIST',
  });
  links.do('dellink', { ifname: 'd0' });
  const seen: unknown[] = [];
  for await (const event of events) {
    if (event.type !== 'message') t.fail(event.type);
    else if (event.value['ifname'] === 'd0') seen.push([event.name, event.value['mtu']]);
    if (event.type === 'message' && event.name === 'dellink-ntf') break;
  }
  t.deepEqual(
    [seen[0], seen.at(-1)],
    [
      ['newlink-ntf', 1400],
      ['dellink-ntf', 1400],
    ],
  );
});
