/**
 * Who holds a lease, and the names that may become paths.
 *
 * The content of a lease file is its owner: container id, CR LF, interface name. Older versions of the reference wrote the
 * id alone; such a file belongs to every interface of that container.
 */
import { configError, IpamError } from './errors.ts';

export interface Owner {
  readonly containerId: string;
  readonly ifname: string;
}

/** The content of a lease file. */
export const ownerKey = ({ containerId, ifname }: Owner): string =>
  `${containerId.trim()}\r\n${ifname}`;

/** The content of a lease file that an old version wrote. */
export const legacyKey = ({ containerId }: Owner): string => containerId.trim();

/** For messages: `containerid ifname`. */
export const formatKey = (key: string): string => key.replace('\r\n', ' ');

/** CNI SPEC 1.1.0, "Network configuration format": the characters of a network name. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** The network name becomes a directory, so nothing that could leave the data directory passes. */
export function checkedName(name: unknown): string {
  if (typeof name !== 'string' || name === '') {
    throw configError('missing network name', 'name', name);
  }
  if (!NAME.test(name) || name.length > 255) {
    throw configError('invalid characters found in network name', 'name', name);
  }
  return name;
}

/** Ids and interface names are content only; what could be mistaken for another owner is refused. */
export function checkedOwner({ containerId, ifname }: Owner): Owner {
  const id = containerId.trim();
  if (id === '' || /[/\0\r\n]/.test(id) || id === '.' || id === '..') {
    throw refused('invalid characters in containerID', 'containerID', containerId);
  }
  if (Buffer.byteLength(ifname) > 15) {
    throw refused('interface name is too long', 'ifname', ifname);
  }
  if (ifname === '' || ifname === '.' || ifname === '..' || /[/:\0\s]/.test(ifname)) {
    throw refused('invalid characters in interface name', 'ifname', ifname);
  }
  return { containerId: id, ifname };
}

const refused = (message: string, path: string, value: string): IpamError =>
  configError(message, path, value);
