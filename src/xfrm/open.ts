/** Opens IPsec: states, policies, and what the kernel reports and requests. */
import { mustBeOpen } from '../errors.ts';
import { checked } from '../netlink/codec/arguments.ts';
import type { Connection } from '../netlink/connection.ts';
import {
  MONITOR_BUFFER,
  openHandle,
  type MonitorOptions,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import { monitor, type Monitor, type Notice, type Unreadable } from '../netlink/monitor.ts';
import * as c from './constants.ts';
import { inFamily } from './address.ts';
import { sadinfo, spdinfo, type Sadinfo, type Spdinfo } from './info/message.ts';
import { ipsec } from './ipsec.ts';
import type { Acquire, Policy, PolicyId } from './policy/message.ts';
import { policyObject, type PolicyObject } from './policy/requests.ts';
import { policyVerbs, type PolicyVerbs } from './policy/verbs.ts';
import { selectorObject, type SelectorObject } from './selector.ts';
import type { Aevent, Expire, Mapping, State, StateId } from './state/message.ts';
import { stateObject, type StateName, type StateObject } from './state/requests.ts';
import { stateVerbs, type StateVerbs } from './state/verbs.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/** A packet needs a state: between these addresses, for packets like this one. */
export interface AcquireObject {
  readonly src: string;
  readonly dst: string;
  readonly proto: Acquire['id']['proto'];
  readonly sel: SelectorObject;
  readonly policy: PolicyObject;
  /** Must be repeated in the state that answers. */
  readonly seq: number;
}

/** A limit is reached. */
export interface ExpireObject extends StateObject {
  readonly hard: boolean;
}

/** Counters and replay numbers of a state. */
export interface AeventObject extends StateName, Omit<Aevent['attrs'], 'mark' | 'proto'> {
  readonly flags: Aevent['flags'];
  readonly reqid: number;
}

/** Packets of a state now come from another address or port. */
export interface MappingObject extends StateName {
  readonly reqid: number;
  readonly oldSrc: string;
  readonly newSrc: string;
  readonly oldSport: number;
  readonly newSport: number;
}

/**
 * States and policies: `new`, `set` for one that was replaced, `del`; a flush is `del` without a
 * value. The others are requests and reports of the kernel. `lost`: the kernel dropped messages.
 * `unreadable`: a message that cannot be decoded; the monitor continues.
 */
export type XfrmEvent =
  | {
      readonly type: 'states';
      readonly action: 'new' | 'set' | 'del';
      readonly value: StateObject;
    }
  | {
      readonly type: 'policies';
      readonly action: 'new' | 'set' | 'del';
      readonly value: PolicyObject;
    }
  | { readonly type: 'flushStates'; readonly action: 'del'; readonly value: object }
  | { readonly type: 'flushPolicies'; readonly action: 'del'; readonly value: object }
  | { readonly type: 'acquire'; readonly action: 'new'; readonly value: AcquireObject }
  | { readonly type: 'expire'; readonly action: 'set' | 'del'; readonly value: ExpireObject }
  | { readonly type: 'policyExpire'; readonly action: 'set' | 'del'; readonly value: PolicyObject }
  | { readonly type: 'aevent'; readonly action: 'set'; readonly value: AeventObject }
  | { readonly type: 'mapping'; readonly action: 'set'; readonly value: MappingObject }
  | { readonly type: 'migrate'; readonly action: 'set'; readonly value: PolicyId }
  | { readonly type: 'report'; readonly action: 'new'; readonly value: object }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface Xfrm extends Connection {
  readonly states: StateVerbs;
  readonly policies: PolicyVerbs;
  /** The number of states and policies, and the size of their tables. */
  info(): { readonly states: Sadinfo['attrs']; readonly policies: Spdinfo['attrs'] };
  /** What is added, replaced and deleted, and the kernel's requests to a key manager. */
  monitor(options?: MonitorOptions): Monitor<XfrmEvent>;
}

/**
 * Opens IPsec. It needs CAP_NET_ADMIN in the namespace.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws NetlinkError EPROTONOSUPPORT from a kernel without IPsec: `modprobe xfrm_user`
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using xfrm = openXfrm();
 * for (const { src, dst, spi } of xfrm.states.list({ proto: 'esp' })) console.log(src, dst, spi);
 */
export const openXfrm = (options: OpenOptions = {}): Xfrm =>
  openHandle('openXfrm', ipsec, options, verbs);

const acquireObject = ({ id, saddr, sel, policy, seq }: Acquire): AcquireObject => ({
  src: inFamily(saddr, sel.family),
  dst: inFamily(id.daddr, sel.family),
  proto: id.proto,
  sel: selectorObject(sel),
  policy: policyObject({ ...policy, attrs: {} }),
  seq,
});

const aeventObject = ({ saId, saddr, flags, reqid, attrs }: Aevent): AeventObject => ({
  src: inFamily(saddr, saId.family),
  dst: inFamily(saId.daddr, saId.family),
  proto: saId.proto,
  spi: saId.spi,
  flags,
  reqid,
  ...attrs,
});

const mappingObject = ({ id, reqid, oldSaddr, newSaddr, ...ports }: Mapping): MappingObject => ({
  dst: inFamily(id.daddr, id.family),
  proto: id.proto,
  spi: id.spi,
  reqid,
  oldSrc: inFamily(oldSaddr, id.family),
  newSrc: inFamily(newSaddr, id.family),
  oldSport: ports.oldSport,
  newSport: ports.newSport,
});

function* eventsOf({ type, value }: Notice): Iterable<XfrmEvent> {
  switch (type) {
    case c.XFRM_MSG_NEWSA:
    case c.XFRM_MSG_UPDSA: {
      const action = type === c.XFRM_MSG_NEWSA ? 'new' : 'set';
      yield { type: 'states', action, value: stateObject(value as State) };
      break;
    }
    case c.XFRM_MSG_DELSA: {
      const { sa, ...attrs } = (value as StateId).attrs;
      if (sa) yield { type: 'states', action: 'del', value: stateObject({ ...sa, attrs }) };
      break;
    }
    case c.XFRM_MSG_NEWPOLICY:
    case c.XFRM_MSG_UPDPOLICY: {
      const action = type === c.XFRM_MSG_NEWPOLICY ? 'new' : 'set';
      yield { type: 'policies', action, value: policyObject(value as Policy) };
      break;
    }
    case c.XFRM_MSG_DELPOLICY: {
      const { policy, ...attrs } = (value as PolicyId).attrs;
      if (policy) {
        yield { type: 'policies', action: 'del', value: policyObject({ ...policy, attrs }) };
      }
      break;
    }
    case c.XFRM_MSG_FLUSHSA:
      yield { type: 'flushStates', action: 'del', value: value as object };
      break;
    case c.XFRM_MSG_FLUSHPOLICY:
      yield { type: 'flushPolicies', action: 'del', value: value as object };
      break;
    case c.XFRM_MSG_ACQUIRE:
      yield { type: 'acquire', action: 'new', value: acquireObject(value as Acquire) };
      break;
    case c.XFRM_MSG_EXPIRE: {
      const { state, hard, attrs } = value as Expire;
      const isHard = hard !== 'soft';
      const expired = { ...stateObject({ ...state, attrs }), hard: isHard };
      yield { type: 'expire', action: isHard ? 'del' : 'set', value: expired };
      break;
    }
    case c.XFRM_MSG_POLEXPIRE: {
      const { pol, hard, attrs } = value as { pol: Omit<Policy, 'attrs'>; hard: unknown } & Policy;
      const action = hard === 'soft' ? 'set' : 'del';
      yield { type: 'policyExpire', action, value: policyObject({ ...pol, attrs }) };
      break;
    }
    case c.XFRM_MSG_NEWAE:
      yield { type: 'aevent', action: 'set', value: aeventObject(value as Aevent) };
      break;
    case c.XFRM_MSG_MAPPING:
      yield { type: 'mapping', action: 'set', value: mappingObject(value as Mapping) };
      break;
    case c.XFRM_MSG_MIGRATE:
      yield { type: 'migrate', action: 'set', value: value as PolicyId };
      break;
    case c.XFRM_MSG_REPORT:
      yield { type: 'report', action: 'new', value: value as object };
      break;
  }
}

function verbs(connection: Connection, openSocket: OpenSocket): Xfrm {
  const SPEC = 'spec: object';
  const NAME = 'name: object';
  const both = {
    list: 'filter?: object',
    get: NAME,
    find: NAME,
    add: SPEC,
    replace: SPEC,
    delete: NAME,
  };
  return {
    ...connection,
    states: checked('states', stateVerbs(connection), {
      ...both,
      flush: 'proto?: string | number',
      allocSpi: SPEC,
    }),
    policies: checked('policies', policyVerbs(connection), {
      ...both,
      flush: 'ptype?: string | number',
      migrate: 'name: object, migrations: array',
      getDefault: '',
      setDefault: SPEC,
    }),
    ...checked(
      'xfrm',
      {
        info() {
          const states = connection.get({
            message: sadinfo,
            type: c.XFRM_MSG_GETSADINFO,
            value: {},
          });
          const policies = connection.get({
            message: spdinfo,
            type: c.XFRM_MSG_GETSPDINFO,
            value: {},
          });
          return { states: states.attrs, policies: policies.attrs };
        },
        monitor({ signal, receiveBuffer = MONITOR_BUFFER }: MonitorOptions = {}) {
          mustBeOpen(connection);
          return monitor<XfrmEvent>(ipsec, openSocket({ receiveBuffer }), {
            groups: [
              c.XFRMNLGRP_ACQUIRE,
              c.XFRMNLGRP_EXPIRE,
              c.XFRMNLGRP_SA,
              c.XFRMNLGRP_POLICY,
              c.XFRMNLGRP_AEVENTS,
              c.XFRMNLGRP_REPORT,
              c.XFRMNLGRP_MIGRATE,
              c.XFRMNLGRP_MAPPING,
            ],
            signal,
            notice: eventsOf,
            *unreadable(message) {
              yield { type: 'unreadable', ...message };
            },
            *lost() {
              yield { type: 'lost' };
            },
          });
        },
      },
      { info: '', monitor: 'options?: object' },
    ),
  };
}
