/**
 * A process in a container that spins: it brings `eth0` up and sends forged frames, from before the interface is there. With CAP_NET_ADMIN and
 * CAP_NET_RAW any container may do that. And one that listens for those frames.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Namespace, Teardown } from './namespace.ts';

/** Of a group and nobody's protocol, so that every port of a bridge is sent it (IEEE 802 local experimental Ethertype 1). */
const FRAME = (forged: string): string =>
  `ffffffffffff${forged.replaceAll(':', '')}88b5${'00'.repeat(46)}`;

/* AF_PACKET, SOCK_RAW; SIOCGIFINDEX, SIOCSIFFLAGS; struct sockaddr_ll, struct ifreq. packet(7), netdevice(7). */
const ATTACK = `
$SIG{ALRM} = sub { exit }; alarm 3000; $| = 1;
socket(S, 17, 3, 0) or die $!;
my $frame = pack('H*', $ARGV[0]);
print "ready\\n";
for (;;) {
  my $asked = pack('a16x24', 'eth0');
  next unless ioctl(S, 0x8933, $asked);
  my $to = pack('SniSCCa8', 17, 0x88b5, unpack('x16i', $asked), 1, 0, 6, '');
  my $up = pack('a16sx22', 'eth0', 0x1043);
  ioctl(S, 0x8914, $up);
  $sent++ if send(S, $frame, 0, $to);
  if ($sent && !$told) { print "sent\\n"; $told = 1 }
}`;

const LISTEN = `
$SIG{ALRM} = sub { exit }; alarm 3000; $| = 1;
socket(S, 17, 3, unpack('S', pack('n', 0x88b5))) or die $!;
print "ready\\n";
while (defined recv(S, my $frame, 2048, 0)) { print "heard\\n" }`;

async function start(
  t: Teardown,
  where: Namespace,
  script: string,
  ...args: string[]
): Promise<ChildProcess & { said: () => string }> {
  const child = where.run(() =>
    spawn('perl', ['-e', script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  t.teardown(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said = (said + String(chunk)).slice(-4096)));
  await once(child.stdout, 'data');
  return Object.assign(child, { said: () => said });
}

/** Runs once it spins; `said` has the line `sent` when a frame has gone out. */
export const attack = (t: Teardown, where: Namespace, forged: string) =>
  start(t, where, ATTACK, FRAME(forged));

/** Runs once it listens; `said` has a line `heard` for each frame that came. */
export const listen = (t: Teardown, where: Namespace) => start(t, where, LISTEN);
