/**
 * What `flower` matches in the options of a tunnel: `TCA_FLOWER_KEY_ENC_OPTS_*`.
 *
 * include/uapi/linux/pkt_cls.h; tc-flower(8), "geneve_opts".
 */
import { attr, attrs, manyAttr } from '../../../netlink/codec/attributes.ts';
import { be16, be32, be64, bytes, u32, u8 } from '../../../netlink/codec/codec.ts';
import { nested } from '../../../netlink/codec/nested.ts';

export const encOptGeneve = attrs({
  class: attr('TCA_FLOWER_KEY_ENC_OPT_GENEVE_CLASS', 1, be16, 'class of the option'),
  type: attr('TCA_FLOWER_KEY_ENC_OPT_GENEVE_TYPE', 2, u8, 'type within the class'),
  data: attr('TCA_FLOWER_KEY_ENC_OPT_GENEVE_DATA', 3, bytes, 'data of the option'),
});

export const encOptVxlan = attrs({
  gbp: attr('TCA_FLOWER_KEY_ENC_OPT_VXLAN_GBP', 1, u32, 'group policy id'),
});

export const encOptErspan = attrs({
  ver: attr('TCA_FLOWER_KEY_ENC_OPT_ERSPAN_VER', 1, u8, 'version, 1 or 2'),
  index: attr('TCA_FLOWER_KEY_ENC_OPT_ERSPAN_INDEX', 2, be32, 'index, version 1'),
  dir: attr('TCA_FLOWER_KEY_ENC_OPT_ERSPAN_DIR', 3, u8, 'direction, version 2'),
  hwid: attr('TCA_FLOWER_KEY_ENC_OPT_ERSPAN_HWID', 4, u8, 'engine id, version 2'),
});

export const encOptGtp = attrs({
  pduType: attr('TCA_FLOWER_KEY_ENC_OPT_GTP_PDU_TYPE', 1, u8, 'type of the message'),
  qfi: attr('TCA_FLOWER_KEY_ENC_OPT_GTP_QFI', 2, u8, 'QoS flow identifier (QFI)'),
});

export const encOptPfcp = attrs({
  type: attr('TCA_FLOWER_KEY_ENC_OPT_PFCP_TYPE', 1, u8, 'type of the message'),
  seid: attr('TCA_FLOWER_KEY_ENC_OPT_PFCP_SEID', 2, be64, 'session'),
});

/** Options of one type of tunnel; Geneve may have several. */
export const encOpts = attrs({
  geneve: manyAttr('TCA_FLOWER_KEY_ENC_OPTS_GENEVE', 1, nested(encOptGeneve), 'a Geneve option'),
  vxlan: attr('TCA_FLOWER_KEY_ENC_OPTS_VXLAN', 2, nested(encOptVxlan), 'VXLAN option'),
  erspan: attr('TCA_FLOWER_KEY_ENC_OPTS_ERSPAN', 3, nested(encOptErspan), 'ERSPAN option'),
  gtp: attr('TCA_FLOWER_KEY_ENC_OPTS_GTP', 4, nested(encOptGtp), 'GTP option'),
  pfcp: attr('TCA_FLOWER_KEY_ENC_OPTS_PFCP', 5, nested(encOptPfcp), 'PFCP option'),
});
