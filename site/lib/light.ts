/** Which field of a dissected message is pointed at, and what lights up with it. */
import { computed, ref, shallowRef, type ComputedRef, type Ref } from 'vue';
import type { Dissection, Node, Path } from './dissect.ts';

export interface Light {
  readonly dissection: Ref<Dissection>;
  /** By pointer, and by keyboard or click; the pointer has precedence. */
  readonly hovered: Ref<number | undefined>;
  readonly focused: Ref<number | undefined>;
  /** Lit while nothing is pointed at: what a text speaks of. */
  readonly marked: Ref<readonly Node[]>;
  /** A row of the page's tables: all fields of this name. */
  readonly row: Ref<string | undefined>;
  readonly active: ComputedRef<Node | undefined>;
  /** Nodes whose bytes are lit. */
  readonly lit: ComputedRef<readonly Node[]>;
  /** The attribute around the active node, at the outermost level. */
  readonly around: ComputedRef<Node | undefined>;
  /** The leaf of each byte. */
  readonly leaves: ComputedRef<readonly Node[]>;
  /** The node that stands for another one in a tree that leaves out lengths, types and padding. */
  shown(node: Node | undefined): Node | undefined;
}

const HIDDEN = new Set(['length', 'type', 'value', 'padding']);

/** Whether a tree has an entry for the node: the parts of an attribute are shown in its own. */
export const isShown = ({ kind, name }: Node): boolean =>
  !HIDDEN.has(kind) || (kind === 'padding' && name !== 'padding');

export function useLight(
  dissection: Ref<Dissection>,
  marked: Ref<readonly Node[]> = shallowRef([]),
): Light {
  const hovered = ref<number>();
  const focused = ref<number>();
  const row = shallowRef<string>();
  const nodes = computed(() => dissection.value.nodes);
  const active = computed(() => nodes.value[hovered.value ?? focused.value ?? -1]);
  const parentOf = ({ parent }: Node): Node | undefined =>
    parent === undefined ? undefined : nodes.value[parent];
  const lit = computed(() => {
    if (hovered.value === undefined && row.value !== undefined) {
      return nodes.value.filter((node) => node.row === row.value);
    }
    if (active.value === undefined) return marked.value;
    return active.value.kind === 'message' ? [] : [active.value];
  });
  const around = computed(() => {
    let node = lit.value[0];
    for (let up = node; up !== undefined && up.kind !== 'message'; up = parentOf(up)) node = up;
    return node;
  });
  const leaves = computed(() => {
    const result: Node[] = [];
    for (const node of nodes.value) {
      if (node.children.length > 0) continue;
      for (let i = node.at; i < node.end; i++) result[i] = node;
    }
    return result;
  });
  const shown = (node: Node | undefined): Node | undefined =>
    node === undefined || isShown(node) ? node : shown(parentOf(node));
  return { dissection, hovered, focused, marked, row, active, lit, around, leaves, shown };
}

/** `attrs.linkinfo.data`, `multipath[0].hops` */
export const pathText = (path: Path): string =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`,
    '',
  );

export const isWithin = (path: Path, outer: Path): boolean =>
  outer.length <= path.length && outer.every((step, i) => step === path[i]);
