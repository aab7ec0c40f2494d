/**
 * A process in a container that brings `eth0` up as soon as it exists and sends spoofed frames in a
 * busy loop. With CAP_NET_ADMIN and CAP_NET_RAW any container may do that. And a process that
 * listens for those frames.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Namespace, Teardown } from './namespace.ts';

/**
 * A broadcast frame of an unused protocol, so that a bridge sends it to every port (IEEE 802 local
 * experimental Ethertype 1).
 */
const ETHERTYPE = '88b5';

/** The frame, in a VLAN when there is a number. */
const frame = (forged: string, vlan?: number): string =>
  `ffffffffffff${forged.replaceAll(':', '')}` +
  (vlan === undefined ? '' : `8100${vlan.toString(16).padStart(4, '0')}`) +
  ETHERTYPE +
  '00'.repeat(46);

/* AF_PACKET, SOCK_RAW; SIOCGIFINDEX, SIOCGIFFLAGS, SIOCSIFFLAGS; struct sockaddr_ll, struct ifreq.
 * packet(7), netdevice(7). */
const ATTACK = `
my @frames = map { pack('H*', $_) } @ARGV;
my ($raised, $sent, $due) = (0, 0, 0);
$SIG{USR1} = sub { $due = 100 };
socket(S, 17, 3, 0) or die $!;
say_it();
for (;;) {
  my $asked = pack('a16x24', 'eth0');
  next unless ioctl(S, 0x8933, $asked);
  my $to = pack('SniSCCa8', 17, 0, unpack('x16i', $asked), 1, 0, 6, '');
  next unless ioctl(S, 0x8913, $asked);
  my $flags = unpack('x16s', $asked);
  if (!($flags & 1)) {
    my $up = pack('a16sx22', 'eth0', $flags | 1);
    ioctl(S, 0x8914, $up) and $raised++;
  }
  while (send(S, $frames[$sent % @frames], 0, $to)) {
    $sent++;
    $due and !--$due and say_it();
  }
}
sub say_it { syswrite(STDOUT, "$raised $sent\\n") }`;

const LISTEN = `
my ($heard, $asked, $frame) = (0);
socket(S, 17, 3, unpack('S', pack('n', 0x${ETHERTYPE}))) or die $!;
my $all = '';
vec($all, fileno($_), 1) = 1 for *STDIN, *S;
for (;;) {
  syswrite(STDOUT, "$heard\\n");
  $heard = 0;
  do {
    select(my $ready = $all, undef, undef, undef);
    $heard++ while defined recv(S, $frame, 2048, 0x40);
    $asked = vec($ready, fileno(STDIN), 1);
  } until $asked;
  sysread(STDIN, $frame, 2048) or exit;
}`;

/**
 * Starts a process that answers each request with a line of numbers, and writes one line by itself
 * when it is ready.
 */
async function start(
  t: Teardown,
  where: Namespace,
  script: string,
  args: readonly string[],
  ask: (child: ChildProcessByStdio<Writable, Readable, null>) => void,
): Promise<() => Promise<number[]>> {
  const child = where.run(() =>
    spawn('perl', ['-Mstrict', '-e', script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  t.teardown(() => child.kill('SIGKILL'));
  const lines = createInterface(child.stdout);
  const next = async (): Promise<number[]> => {
    const [line] = (await once(lines, 'line')) as [string];
    return line.split(' ').map(Number);
  };
  await next();
  return () => {
    ask(child);
    return next();
  };
}

export interface Attack {
  /** How often it found `eth0` down and brought it up. */
  readonly raised: number;
  /** How many frames it has sent over an interface that was up. */
  readonly sent: number;
}

/**
 * Starts an attacker, which is running when this returns. It sends frames with the given address in
 * each of the VLANs in turn (undefined for no tag). The returned function waits until it has sent
 * another hundred.
 */
export async function attack(
  t: Teardown,
  where: Namespace,
  forged: string,
  vlans: readonly (number | undefined)[] = [undefined],
): Promise<() => Promise<Attack>> {
  const frames = vlans.map((vlan) => frame(forged, vlan));
  const report = await start(t, where, ATTACK, frames, (child) => child.kill('SIGUSR1'));
  return async () => {
    const [raised = 0, sent = 0] = await report();
    return { raised, sent };
  };
}

/**
 * Starts a listener, which is running when this returns. The returned function returns how many of
 * those frames have arrived since its last call.
 */
export async function listen(t: Teardown, where: Namespace): Promise<() => Promise<number>> {
  const report = await start(t, where, LISTEN, [], (child) => child.stdin.write('\n'));
  return async () => (await report())[0]!;
}
