/**
 * Matches the realm of the packet's route: `TCA_OPTIONS` of kind `route`.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_ROUTE4_*`; tc-route(8);
 * `tc filter add dev d0 protocol ip route from 2 to 10 classid 1:10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32 } from '../../../netlink/codec/codec.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { handle } from '../../units.ts';

export const route = attrs({
  classid: attr('TCA_ROUTE4_CLASSID', 1, handle, 'class that the packet goes to'),
  to: attr('TCA_ROUTE4_TO', 2, u32, 'realm of the destination'),
  from: attr('TCA_ROUTE4_FROM', 3, u32, 'realm of the source'),
  iif: attr('TCA_ROUTE4_IIF', 4, u32, 'link that the packet arrived on'),
  police: attr('TCA_ROUTE4_POLICE', 5, police, 'policer outside of the actions'),
  act: attr('TCA_ROUTE4_ACT', 6, actionList, 'actions on the packet'),
});
