/**
 * Actions of their own, which filters can share: `RTM_NEWACTION`, `RTM_DELACTION`, `RTM_GETACTION`.
 *
 * include/uapi/linux/rtnetlink.h, `TCA_ROOT_*`; net/sched/act_api.c; tc-actions(8); `tc actions add
 * action drop index 5`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELACTION, RTM_GETACTION, RTM_NEWACTION } from '../constants.ts';
import { actionHead } from '../head.ts';
import { actionList } from './tca-act.ts';

const rootFlag = flagsOf(u32, { large_dump: 1, terse: 2 });
export const rootFlags = struct('nla_bitfield32', { value: rootFlag, selector: rootFlag });

export const actionRoot = attrs({
  tab: attr('TCA_ROOT_TAB', 1, actionList, 'the actions'),
  flags: attr('TCA_ROOT_FLAGS', 2, rootFlags, 'whether to send large datagrams, and a terse dump'),
  count: attr('TCA_ROOT_COUNT', 3, u32, 'number of actions in this message'),
  timeDelta: attr('TCA_ROOT_TIME_DELTA', 4, u32, 'only actions used in the last n ms'),
  extWarnMsg: attr('TCA_ROOT_EXT_WARN_MSG', 5, cstr, 'a warning'),
});

export const action = message(
  'action',
  { RTM_NEWACTION, RTM_DELACTION, RTM_GETACTION },
  actionHead,
  actionRoot,
  {
    doc: 'Actions of their own, which filters can share.',
    subject: ({ attrs: a }) =>
      a?.tab?.map(({ kind, index }) => `${kind ?? 'action'} ${index ?? ''}`.trim()).join(', '),
  },
);

export type Action = Static<typeof action>;
export type ActionInput = Input<typeof action>;
