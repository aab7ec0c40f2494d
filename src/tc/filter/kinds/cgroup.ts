/**
 * Takes the class from the control group of the process: `TCA_OPTIONS` of kind `cgroup`.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_CGROUP_*`; tc-cgroup(8);
 * `tc filter add dev d0 parent 10: protocol ip prio 10 handle 1: cgroup`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { ematches } from '../ematch.ts';

export const cgroup = attrs({
  act: attr('TCA_CGROUP_ACT', 1, actionList, 'actions on the packet'),
  police: attr('TCA_CGROUP_POLICE', 2, police, 'policer outside of the actions'),
  ematches: attr('TCA_CGROUP_EMATCHES', 3, ematches, 'further conditions'),
});
