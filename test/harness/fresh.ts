/** Our verbs in a namespace of their own. */
import { open, type Rtnl } from '../../src/rtnl/open.ts';
import { freshNamespace, type Namespace, type Teardown } from './namespace.ts';

export interface Fresh {
  readonly rt: Rtnl;
  readonly ns: Namespace;
}

/** With `lo` up. */
export function fresh(t: Teardown): Fresh {
  const ns = freshNamespace(t);
  const rt = open({ netns: ns.path });
  t.teardown(() => rt.close());
  rt.links.up('lo');
  return { rt, ns };
}

/** With a device `vx0` that carries any VNI. */
export function withVxlan(t: Teardown): Fresh {
  const made = fresh(t);
  const data = { collectMetadata: true, port: 4789 };
  made.rt.links.add({ ifname: 'vx0', kind: 'vxlan', data, flags: ['up'] });
  return made;
}
