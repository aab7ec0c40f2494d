/**
 * The tables by which a device processes packets: headers that it knows, tables with what they
 * match and do, and their entries. They can only be read, but for the counters of a table.
 *
 * include/uapi/linux/devlink.h; devlink-dpipe(8); `devlink dpipe table show pci/0000:01:00.0`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import {
  bool8,
  bytes,
  cstr,
  u32,
  u64,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { devlinkMessage, handle } from '../declare.ts';

const fieldId = {
  dpipeFieldId: attr('DEVLINK_ATTR_DPIPE_FIELD_ID', 58, u32, 'number of the field in its header'),
};
const headerId = {
  dpipeHeaderId: attr(
    'DEVLINK_ATTR_DPIPE_HEADER_ID',
    52,
    u32,
    'number of the header: 0 Ethernet, 1 IPv4, 2 IPv6 if it is global',
  ),
  dpipeHeaderGlobal: attr(
    'DEVLINK_ATTR_DPIPE_HEADER_GLOBAL',
    54,
    bool8,
    'whether the header is one of all devices',
  ),
};
const headerIndex = {
  dpipeHeaderIndex: attr(
    'DEVLINK_ATTR_DPIPE_HEADER_INDEX',
    55,
    u32,
    'which of the headers of this kind',
  ),
};
const match = attrs({
  dpipeMatchType: attr(
    'DEVLINK_ATTR_DPIPE_MATCH_TYPE',
    42,
    enumOf(u32, { field_exact: 0 }),
    'how it is matched',
  ),
  ...headerId,
  ...headerIndex,
  ...fieldId,
});
const action = attrs({
  dpipeActionType: attr(
    'DEVLINK_ATTR_DPIPE_ACTION_TYPE',
    45,
    enumOf(u32, { field_modify: 0 }),
    'what is done',
  ),
  ...headerId,
  ...headerIndex,
  ...fieldId,
});
const matches = {
  dpipeMatch: manyAttr('DEVLINK_ATTR_DPIPE_MATCH', 40, nested(match), 'a field that is matched'),
};
const actions = {
  dpipeAction: manyAttr('DEVLINK_ATTR_DPIPE_ACTION', 43, nested(action), 'a field that is changed'),
};
const value = {
  dpipeValue: attr('DEVLINK_ATTR_DPIPE_VALUE', 46, bytes, 'value of the field'),
  dpipeValueMask: attr('DEVLINK_ATTR_DPIPE_VALUE_MASK', 47, bytes, 'bits of it that count'),
  dpipeValueMapping: attr(
    'DEVLINK_ATTR_DPIPE_VALUE_MAPPING',
    48,
    u32,
    'what the value stands for, such as the index of a link',
  ),
};
const matchValues = attrs({
  dpipeMatchValue: manyAttr(
    'DEVLINK_ATTR_DPIPE_MATCH_VALUE',
    41,
    nested(attrs({ ...matches, ...value })),
    'a field that is matched',
  ),
});
const actionValues = attrs({
  dpipeActionValue: manyAttr(
    'DEVLINK_ATTR_DPIPE_ACTION_VALUE',
    44,
    nested(attrs({ ...actions, ...value })),
    'a field that is changed',
  ),
});
const tableName = {
  dpipeTableName: attr('DEVLINK_ATTR_DPIPE_TABLE_NAME', 29, cstr, 'name of the table'),
};
const counters = {
  dpipeTableCountersEnabled: attr(
    'DEVLINK_ATTR_DPIPE_TABLE_COUNTERS_ENABLED',
    33,
    bool8,
    'whether its entries count packets',
  ),
};
const table = attrs({
  ...tableName,
  dpipeTableSize: attr('DEVLINK_ATTR_DPIPE_TABLE_SIZE', 30, u64, 'elements that it has room for'),
  dpipeTableMatches: attr(
    'DEVLINK_ATTR_DPIPE_TABLE_MATCHES',
    31,
    nested(attrs(matches)),
    'fields that it matches',
  ),
  dpipeTableActions: attr(
    'DEVLINK_ATTR_DPIPE_TABLE_ACTIONS',
    32,
    nested(attrs(actions)),
    'fields that it changes',
  ),
  ...counters,
  dpipeTableResourceId: attr(
    'DEVLINK_ATTR_DPIPE_TABLE_RESOURCE_ID',
    75,
    u64,
    'resource that its entries take',
  ),
  dpipeTableResourceUnits: attr(
    'DEVLINK_ATTR_DPIPE_TABLE_RESOURCE_UNITS',
    76,
    u64,
    'units of the resource that an entry takes',
  ),
});
const entry = attrs({
  dpipeEntryIndex: attr('DEVLINK_ATTR_DPIPE_ENTRY_INDEX', 36, u64, 'number of the entry'),
  dpipeEntryMatchValues: attr(
    'DEVLINK_ATTR_DPIPE_ENTRY_MATCH_VALUES',
    37,
    nested(matchValues),
    'what it matches',
  ),
  dpipeEntryActionValues: attr(
    'DEVLINK_ATTR_DPIPE_ENTRY_ACTION_VALUES',
    38,
    nested(actionValues),
    'what it does',
  ),
  dpipeEntryCounter: attr('DEVLINK_ATTR_DPIPE_ENTRY_COUNTER', 39, u64, 'packets'),
});
const field = attrs({
  dpipeFieldName: attr('DEVLINK_ATTR_DPIPE_FIELD_NAME', 57, cstr, 'name of the field'),
  ...fieldId,
  dpipeFieldBitwidth: attr('DEVLINK_ATTR_DPIPE_FIELD_BITWIDTH', 59, u32, 'its size in bits'),
  dpipeFieldMappingType: attr(
    'DEVLINK_ATTR_DPIPE_FIELD_MAPPING_TYPE',
    60,
    enumOf(u32, { none: 0, ifindex: 1 }),
    'what its value stands for',
  ),
});
const fields = attrs({
  dpipeField: manyAttr('DEVLINK_ATTR_DPIPE_FIELD', 56, nested(field), 'a field'),
});
const header = attrs({
  dpipeHeaderName: attr('DEVLINK_ATTR_DPIPE_HEADER_NAME', 51, cstr, 'name of the header'),
  ...headerId,
  dpipeHeaderFields: attr('DEVLINK_ATTR_DPIPE_HEADER_FIELDS', 53, nested(fields), 'its fields'),
});
const tables = attrs({
  dpipeTable: manyAttr('DEVLINK_ATTR_DPIPE_TABLE', 28, nested(table), 'a table'),
});
const entries = attrs({
  dpipeEntry: manyAttr('DEVLINK_ATTR_DPIPE_ENTRY', 35, nested(entry), 'an entry'),
});
const headers = attrs({
  dpipeHeader: manyAttr('DEVLINK_ATTR_DPIPE_HEADER', 50, nested(header), 'a header'),
});

export const dpipeAttrs = attrs({
  ...handle,
  ...tableName,
  ...counters,
  dpipeTables: attr('DEVLINK_ATTR_DPIPE_TABLES', 27, nested(tables), 'tables'),
  dpipeEntries: attr('DEVLINK_ATTR_DPIPE_ENTRIES', 34, nested(entries), 'entries of the table'),
  dpipeHeaders: attr(
    'DEVLINK_ATTR_DPIPE_HEADERS',
    49,
    nested(headers),
    'headers that the device knows',
  ),
});

export const dpipe = devlinkMessage(
  'dpipe',
  'The tables by which a device processes packets.',
  {
    DEVLINK_CMD_DPIPE_TABLE_GET: 31,
    DEVLINK_CMD_DPIPE_ENTRIES_GET: 32,
    DEVLINK_CMD_DPIPE_HEADERS_GET: 33,
    DEVLINK_CMD_DPIPE_TABLE_COUNTERS_SET: 34,
  },
  dpipeAttrs,
);

export type Dpipe = Static<typeof dpipe>;
export type DpipeInput = Input<typeof dpipe>;
