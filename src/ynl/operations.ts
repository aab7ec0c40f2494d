/**
 * The operations of a specification with the numbers of their messages: one count for both
 * directions (`unified`), or one for each (`directional`).
 */
import { sentence, upper, type Place } from './spec-place.ts';

/** One direction of an operation. */
export interface MessageSpec {
  readonly number: number;
  /** `NETDEV_CMD_DEV_GET` */
  readonly kernelName: string;
}

export interface OperationSpec {
  readonly at: Place;
  readonly name: string;
  readonly doc: string;
  readonly set: string | undefined;
  readonly header: string | undefined;
  /** Its requests; undefined for notifications. */
  readonly do: MessageSpec | undefined;
  readonly dump: MessageSpec | undefined;
  /** What the kernel sends: answers, or the notification. */
  readonly replies: readonly MessageSpec[];
  readonly isNotification: boolean;
}

export interface Operations {
  readonly isDirectional: boolean;
  readonly list: readonly OperationSpec[];
}

const OPERATION_KEYS = [
  ...['name', 'doc', 'value', 'attribute-set', 'flags', 'dont-validate', 'config-cond', 'do'],
  ...['dump', 'notify', 'event', 'mcgrp', 'fixed-header'],
];

/** An operation before its attributes are known: a notification has those of another one. */
interface Numbered {
  readonly place: Place;
  readonly name: string;
  readonly request: number | undefined;
  readonly reply: number | undefined;
}

/**
 * Reads the operations.
 *
 * @throws CodecError with the place in the specification
 */
export function readOperations(root: Place, family: string, isRaw: boolean): Operations {
  const place = root.inside('operations');
  if (place === undefined) throw root.error('"operations" is missing');
  place.expect([
    ...['enum-model', 'name-prefix', 'enum-name', 'async-prefix', 'async-enum', 'fixed-header'],
    'list',
  ]);
  const model = place.text('enum-model', 'unified');
  if (model !== 'unified' && model !== 'directional') {
    throw place.error(`"${model}" is neither unified nor directional`, 'enum-model');
  }
  const isDirectional = model === 'directional';
  const places = place.list('list');
  for (const each of places) each.expect(OPERATION_KEYS);
  const numbered = isDirectional ? directional(places) : unified(places);

  const usual = isRaw ? (root.integer('protonum') === 0 ? 'rtm-' : `${family}-`) : `${family}-cmd-`;
  const prefix = place.text('name-prefix', undefined) ?? usual;
  const asyncPrefix = place.text('async-prefix', prefix);
  const header = place.text('fixed-header', undefined);

  const byName = new Map(numbered.map((each) => [each.name, each]));
  const list = numbered.map((each): OperationSpec => {
    const { place: at, name, request } = each;
    const isNotification = at.has('notify') || at.has('event');
    const like = at.text('notify', undefined);
    const shared = like === undefined ? each : byName.get(like);
    if (shared === undefined) throw at.error(`there is no operation "${like}"`, 'notify');
    const own = (mode: 'do' | 'dump'): MessageSpec | undefined => {
      const inside = at.inside(mode);
      inside?.expect(['request', 'reply', 'pre', 'post']);
      if (inside === undefined || isNotification) return undefined;
      const number = inside.inside('request')?.integer('value') ?? request;
      if (number === undefined) throw at.error('there is no number for the request', mode);
      return { number, kernelName: upper(prefix + name) };
    };
    return {
      at,
      name,
      doc: sentence(at),
      set: at.text('attribute-set', undefined) ?? shared.place.text('attribute-set', undefined),
      header:
        at.text('fixed-header', undefined) ??
        shared.place.text('fixed-header', undefined) ??
        header,
      do: own('do'),
      dump: own('dump'),
      replies: repliesOf(each, isNotification, isDirectional, {
        notice: upper(asyncPrefix + name),
        answer: upper(isDirectional ? `${prefix}${name}-reply` : prefix + name),
      }),
      isNotification,
    };
  });
  return { isDirectional, list: named(list, isRaw) };
}

function repliesOf(
  { place, reply }: Numbered,
  isNotification: boolean,
  isDirectional: boolean,
  names: { readonly notice: string; readonly answer: string },
): MessageSpec[] {
  if (isNotification) {
    return reply === undefined ? [] : [{ number: reply, kernelName: names.notice }];
  }
  const numbers = (['do', 'dump'] as const).flatMap((mode) => {
    if (!place.has(mode)) return [];
    const inside = place.inside(mode)?.inside('reply');
    inside?.expect(['attributes', 'value']);
    if (inside === undefined && isDirectional) return [];
    const number = inside?.integer('value') ?? reply;
    return number === undefined ? [] : [number];
  });
  return [...new Set(numbers)].map((number) => ({ number, kernelName: names.answer }));
}

/** In raw protocols an answer has the type of the request that makes such an object. */
function named(list: readonly OperationSpec[], isRaw: boolean): readonly OperationSpec[] {
  if (!isRaw) return list;
  const names = new Map<number, string>();
  for (const { do: one, dump } of list) {
    for (const request of [one, dump]) {
      if (request !== undefined && !names.has(request.number)) {
        names.set(request.number, request.kernelName);
      }
    }
  }
  return list.map((operation) => ({
    ...operation,
    replies: operation.replies.map(({ number, kernelName }) => ({
      number,
      kernelName: names.get(number) ?? kernelName,
    })),
  }));
}

function unified(places: readonly Place[]): Numbered[] {
  let next = 1;
  return places.map((place) => {
    const value = place.integer('value') ?? next;
    next = value + 1;
    return { place, name: place.name(), request: value, reply: value };
  });
}

/** Requests and what the kernel sends are counted apart; an operation without a reply has none. */
function directional(places: readonly Place[]): Numbered[] {
  let request = 1;
  let reply = 1;
  return places.map((place) => {
    const name = place.name();
    if (place.has('notify') || place.has('event')) {
      reply = place.integer('value') ?? reply;
      return { place, name, request: undefined, reply: reply++ };
    }
    const mode = place.inside('do') ?? place.inside('dump');
    if (mode === undefined) throw place.error('there is no do, dump, notify or event');
    request = mode.inside('request')?.integer('value') ?? request;
    const answer = mode.inside('reply');
    reply = answer?.integer('value') ?? reply;
    const own = {
      place,
      name,
      request: request++,
      reply: answer === undefined ? undefined : reply,
    };
    if (answer !== undefined) reply++;
    return own;
  });
}
