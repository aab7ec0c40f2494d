/** Actions in the terms of `tc actions`: the requests, and the verbs that send them. */
import { CodecError } from '../../errors.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE, NLM_F_ROOT } from '../../netlink/constants.ts';
import { unlessRefused, type Done, type Target } from '../../rtnl/dev.ts';
import { ENOENT } from '../../sys/errno.ts';
import { RTM_DELACTION, RTM_GETACTION, RTM_NEWACTION } from '../constants.ts';
import { countersOf, type Counters } from '../counters.ts';
import { withGeneve } from '../filter/geneve-options.ts';
import { settableAction } from '../filter/settable.ts';
import type { KindInput, KindOf } from '../tca.ts';
import type { ActionAttrs, ActionAttrsInput } from './tca-act.ts';
import type { ActionKinds } from './kinds.ts';
import { action, type Action, type ActionInput } from './message.ts';

type Told = 'kind' | 'options' | 'index' | 'stats' | 'usedHwStats' | 'inHwCount';
type KindFields<W extends keyof ActionKinds & string> = KindOf<ActionKinds, object, W>;

/** An action as the kernel describes it. */
export type ActionObject = ActionRest &
  (
    | { [W in keyof ActionKinds & string]: KindFields<W> }[keyof ActionKinds & string]
    | { kind?: string; options?: undefined; xstats?: undefined }
  );
interface ActionRest extends Omit<ActionAttrs, 'kind' | 'options' | 'xstats' | 'index' | 'stats'> {
  /** Unique among the actions of its kind. */
  readonly index: number;
  readonly stats: Counters;
}

/** Identifies an action. */
export interface ActionName {
  readonly kind: string;
  readonly index: number;
}

interface ActionSpecRest extends Omit<ActionAttrsInput, Told> {
  /** Chosen by the kernel if left out. */
  readonly index?: number | undefined;
}
/** An action to add or change. */
export type ActionSpec = ActionSpecRest & KindInput<ActionKinds>;

/** The kernel lists one kind at a time. */
export interface ActionFilter {
  readonly kind: string;
  /** Only those used in the last n milliseconds. */
  readonly since?: number | undefined;
  /** List only kinds, indexes and counters. */
  readonly terse?: boolean | undefined;
}

export type ActionRequest = Request<Action, ActionInput>;

/** Where the index and the verdict are; in most kinds under `parms`. */
const PARMS: Readonly<Record<string, string>> = { ctinfo: 'act', pedit: 'parmsEx', police: 'tbf' };

type Options = Readonly<Record<string, { readonly index?: number } | undefined>>;

/** An action of `pedit` has `parms` if its offsets count from the network header. */
const parmsOf = (kind: string, options: Options | undefined): string =>
  options?.['parms'] === undefined ? (PARMS[kind] ?? 'parms') : 'parms';

export function actionObject(attrs: ActionAttrs): ActionObject {
  const { index, stats, kind, options, ...rest } = attrs as unknown as Omit<
    ActionAttrs,
    'options'
  > & { options?: Options };
  const parms = options?.[parmsOf(kind ?? '', options)];
  return {
    kind,
    index: index ?? parms?.index ?? 0,
    ...rest,
    ...(options !== undefined && { options: withGeneve(options) }),
    stats: countersOf(stats),
  } as unknown as ActionObject;
}

/** The actions of a message. */
export const actionObjects = ({ attrs }: Action): ActionObject[] =>
  (attrs.tab ?? []).map(actionObject);

function write(flags: number, spec: ActionSpec): ActionRequest {
  const { index, ...rest } = settableAction({
    ...spec,
    options: spec.options ?? {},
  }) as ActionAttrsInput & { options?: Options };
  if (rest.kind === undefined) throw new CodecError('an action needs a kind');
  const key = parmsOf(rest.kind, rest.options);
  const options =
    index === undefined
      ? rest.options
      : { ...rest.options, [key]: { ...rest.options?.[key], index } };
  const tab = [{ ...rest, options } as ActionAttrsInput];
  return { message: action, type: RTM_NEWACTION, flags, value: { attrs: { tab } } };
}

/**
 * Adds an action. EEXIST if there is one of this kind and index.
 *
 * @throws CodecError for a `spec` that is not an object, or without a kind; NetlinkError EEXIST if
 *   there is one of this kind and index, when it is sent
 */
export const addAction = checkedFunction('addAction', 'spec: object', (spec: ActionSpec) =>
  write(NLM_F_CREATE | NLM_F_EXCL, spec),
);

/**
 * Adds an action, or changes the one of this kind and index.
 *
 * @throws CodecError for a `spec` that is not an object, or without a kind
 */
export const replaceAction = checkedFunction('replaceAction', 'spec: object', (spec: ActionSpec) =>
  write(NLM_F_CREATE | NLM_F_REPLACE, spec),
);

/** Kind and index in the form that the kernel expects. */
const named = (type: number, { kind, index }: ActionName): ActionRequest => ({
  message: action,
  type,
  value: { attrs: { tab: [{ kind: kindOf(kind), index } as ActionAttrsInput] } },
});

function byIndex(name: ActionName): ActionName {
  if (name.index === undefined) throw new CodecError('an action is found by its kind and index');
  return name;
}

/** The kind, without which the kernel would not know what is meant. */
function kindOf(kind: string): string {
  if (kind === undefined || kind === '') throw new CodecError('name the kind of the actions');
  return kind;
}

/**
 * Deletes an action. ENOENT if it does not exist, EPERM while filters use it.
 *
 * @throws CodecError for a `name` that is not an object, or without kind and index; NetlinkError
 *   ENOENT if it does not exist, EPERM while filters use it, when it is sent
 */
export const deleteAction = checkedFunction('deleteAction', 'name: object', (name: ActionName) =>
  named(RTM_DELACTION, byIndex(name)),
);

/**
 * Gets an action. ENOENT if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object, or without kind and index; NetlinkError
 *   ENOENT if it does not exist, when it is sent
 */
export const getAction = checkedFunction('getAction', 'name: object', (name: ActionName) =>
  named(RTM_GETACTION, byIndex(name)),
);

/**
 * Deletes all actions of a kind that no filter uses.
 *
 * @throws CodecError for a `kind` that is not text, or empty
 */
export const flushActions = checkedFunction(
  'flushActions',
  'kind: string',
  (kind: string): ActionRequest => ({
    message: action,
    type: RTM_DELACTION,
    flags: NLM_F_ROOT,
    value: { attrs: { tab: [{ kind: kindOf(kind) }] } },
  }),
);

/**
 * Lists the actions of a kind.
 *
 * @throws CodecError for a `filter` that is not an object, or without a kind
 */
export const listActions = checkedFunction(
  'listActions',
  'filter: object',
  ({ kind, since, terse = false }: ActionFilter): ActionRequest => {
    // Without this the kernel lists at most 32.
    const flags = terse ? (['large_dump', 'terse'] as const) : (['large_dump'] as const);
    return {
      message: action,
      type: RTM_GETACTION,
      value: {
        attrs: {
          tab: [{ kind: kindOf(kind) }],
          flags: { value: flags, selector: flags },
          timeDelta: since,
        },
      },
    };
  },
);

export interface ActionVerbs {
  /** The actions of a kind. */
  list(filter: ActionFilter): ActionObject[];
  /** One action. ENOENT if it does not exist. */
  get(name: ActionName): ActionObject;
  /** The same, or undefined if it does not exist. */
  find(name: ActionName): ActionObject | undefined;
  /** Adds an action. EEXIST if there is one of this kind and index. */
  add(spec: ActionSpec): Done;
  /** Adds an action, or changes the one of this kind and index. */
  replace(spec: ActionSpec): Done;
  /** Deletes an action. ENOENT if it does not exist, EPERM while filters use it. */
  delete(name: ActionName): Done;
  /** Deletes all actions of a kind that no filter uses. */
  flush(kind: string): Done;
}

export function actions(target: Target): ActionVerbs {
  const get = (name: ActionName): ActionObject => actionObjects(target.get(getAction(name)))[0]!;
  return {
    list: (filter) => target.list(listActions(filter)).flatMap(actionObjects),
    get,
    find: (name) => unlessRefused(() => get(name), ENOENT),
    add: (spec) => target.request(addAction(spec)),
    replace: (spec) => target.request(replaceAction(spec)),
    delete: (name) => target.request(deleteAction(name)),
    flush: (kind) => target.request(flushActions(kind)),
  };
}
