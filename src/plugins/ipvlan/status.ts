/** STATUS: whether an ADD would find its master and its addresses. CNI SPEC 1.1.0, section 2. */
import { ipamOf } from '../ipam.ts';
import { closeAll, hostSide } from '../network.ts';
import { CniError, PLUGIN_NOT_AVAILABLE, toCniError } from '../cni/errors.ts';
import type { Invocation } from '../cni/skel.ts';
import { ipvlanConfig } from './config.ts';
import { findMaster, whereOf } from './master.ts';
import { ipvlanProtocol } from './protocol.ts';

export function status(invocation: Invocation): void {
  const config = ipvlanConfig(invocation);
  const { type } = config.ipam;
  // A master in the container is not there yet; one without IPAM comes from the plugin before this one.
  const isKnown = !config.linkInContainer && (config.master !== '' || type !== '');
  if (isKnown) {
    const host = hostSide(ipvlanProtocol);
    try {
      findMaster(host, config, undefined, whereOf(config, ''));
    } catch (error) {
      const { msg, details } = toCniError(error);
      throw new CniError(PLUGIN_NOT_AVAILABLE, msg, details, error);
    } finally {
      closeAll(host);
    }
  }
  if (type !== '') ipamOf(type, invocation).status();
}
