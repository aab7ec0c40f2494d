/**
 * The id by which a namespace knows another one: `RTM_NEWNSID`, `RTM_DELNSID`, `RTM_GETNSID`.
 *
 * include/uapi/linux/net_namespace.h; ip-netns(8); `ip netns set blue 10`, `ip netns list-id`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { s32, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELNSID, RTM_GETNSID, RTM_NEWNSID } from '../constants.ts';
import { family } from '../family.ts';
import { nsidSubject } from '../subjects.ts';

/** The header of requests that need only a family. */
export const rtgenmsg = struct('rtgenmsg', { family });

export const netnsa = attrs({
  nsid: attr('NETNSA_NSID', 1, s32, 'id of the namespace; -1: none is assigned'),
  pid: attr('NETNSA_PID', 2, u32, 'a process in the namespace'),
  fd: attr('NETNSA_FD', 3, u32, 'file descriptor of the namespace'),
  targetNsid: attr('NETNSA_TARGET_NSID', 4, s32, 'namespace in whose view the id is meant'),
  currentNsid: attr('NETNSA_CURRENT_NSID', 5, s32, "the id in the sender's own view"),
});

export const nsid = message('nsid', { RTM_NEWNSID, RTM_DELNSID, RTM_GETNSID }, rtgenmsg, netnsa, {
  doc: 'The id of a peer namespace.',
  subject: nsidSubject,
});

export type Nsid = Static<typeof nsid>;
export type NsidInput = Input<typeof nsid>;
