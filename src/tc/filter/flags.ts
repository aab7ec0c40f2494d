/** `TCA_CLS_FLAGS_*`, include/uapi/linux/pkt_cls.h: where a filter runs. */
import { u32 } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';

/** The kernel adds whether it is offloaded. */
export const clsFlags = flagsOf(u32, {
  skip_hw: 1,
  skip_sw: 2,
  in_hw: 4,
  not_in_hw: 8,
  verbose: 16,
});
