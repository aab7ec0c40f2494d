/** The smallest MTU of a link. */
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';

/** ETH_MIN_MTU, include/uapi/linux/if_ether.h. */
const MIN_MTU = 68;

/** Throws for an MTU that no link can have; zero and less leave it to the kernel. */
export function requireMtu(mtu: number): void {
  if (mtu <= 0 || mtu >= MIN_MTU) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `mtu ${mtu} is too small`,
    `a link has at least ${MIN_MTU} bytes`,
  );
}
