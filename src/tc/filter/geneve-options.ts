/**
 * Geneve options that a filter matches, or that the action `tunnel_key` sets. A request has an
 * attribute for each; the kernel answers with a single one, in which class, type and data of all
 * options follow each other.
 *
 * fl_dump_key_geneve_opt() in net/sched/cls_flower.c; tunnel_key_geneve_opts_dump() in
 * net/sched/act_tunnel_key.c.
 */
import { viewOf } from '../../netlink/codec/bytes.ts';

type Option = Readonly<Record<string, unknown>>;

/** A repeated attribute: `nla2` belongs to the second option, `nla2.2` to the third. */
const AGAIN = /^nla[123](?:\.(\d+))?$/;

function split(option: Option): readonly Option[] {
  const { class: first, type, data, nlaNotes: _, ...again } = option;
  const options: Option[] = [{ class: first, type, data }];
  for (const [key, value] of Object.entries(again)) {
    const match = AGAIN.exec(key);
    if (match === null || !(value instanceof Uint8Array)) return [option];
    const at = Number(match[1] ?? 1);
    const found = options[at] ?? {};
    if (key.startsWith('nla1') && value.length === 2) {
      options[at] = { ...found, class: viewOf(value).getUint16(0) };
    } else if (key.startsWith('nla2') && value.length === 1) {
      options[at] = { ...found, type: value[0] };
    } else options[at] = { ...found, data: value };
  }
  return options;
}

/** Options of a filter or an action, with each Geneve option separate. */
export function withGeneve(options: unknown): unknown {
  if (typeof options !== 'object' || options === null) return options;
  let result = options as Readonly<Record<string, { readonly geneve?: readonly Option[] }>>;
  for (const key of ['keyEncOpts', 'keyEncOptsMask', 'encOpts']) {
    const geneve = result[key]?.geneve;
    if (geneve === undefined) continue;
    result = { ...result, [key]: { ...result[key], geneve: geneve.flatMap(split) } };
  }
  return result;
}
