/**
 * What an error tells: the request, the kernel's words, the attribute, and what is accepted there.
 */
import { NetlinkError, open } from '../src/index.ts';

using rt = open();
try {
  rt.links.add({ ifname: 'a-name-that-is-too-long', kind: 'dummy' });
} catch (error) {
  if (!(error instanceof NetlinkError)) throw error;
  console.log(error.message);
  console.log('code:', error.code);
  console.log('attribute:', error.attribute);
  console.log('accepted:', error.ack.policy);
}
