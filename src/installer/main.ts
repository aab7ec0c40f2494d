/**
 * `install-cni-plugins [--from FOLDER] [--to FOLDER] [--wait]`: the entry point of the container
 * image. Copies the plugins of the image into the folder of the host that is mounted there. With
 * `--wait` it then stays until it is told to end, as a pod of a DaemonSet has to.
 */
import '../host/globals.ts';
import { libc } from '../sys/libc.ts';
import { thisProcess } from '../sys/process.ts';
import { VERSION } from '../version.ts';
import { install } from './install.ts';

const USAGE = `Usage: install-cni-plugins [--from FOLDER] [--to FOLDER] [--wait]

Copies the CNI plugins of netlink-ts ${VERSION} to where a container runtime executes them.

  --from FOLDER  where they are, by default /opt/cni/bin
  --to FOLDER    where to copy them, by default /host/opt/cni/bin
  --wait         afterwards, do nothing until SIGTERM or SIGINT
  --version      print the version
`;

/* signal(7), and the file mode mask that no signal sets. */
const SIGINT = 2;
const SIGTERM = 15;
const MASK = 0o022;
/** For a signal that comes just before the wait begins. */
const LOOK = 10_000;

interface Options {
  from: string;
  to: string;
  wait: boolean;
}

/** @throws for what is not an option. */
function optionsOf(args: readonly string[]): Options | 'help' | 'version' {
  const options: Options = { from: '/opt/cni/bin', to: '/host/opt/cni/bin', wait: false };
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    if (arg === '--help' || arg === '-h') return 'help';
    if (arg === '--version' || arg === '-v') return 'version';
    if (arg === '--wait') options.wait = true;
    else if (arg === '--from' || arg === '--to') {
      const folder = args[++at];
      if (folder === undefined || folder === '') throw new Error(`${arg} needs a folder`);
      options[arg === '--from' ? 'from' : 'to'] = folder;
    } else throw new Error(`unknown argument ${JSON.stringify(arg)}; see --help`);
  }
  return options;
}

const say = (fd: number, text: string): void => {
  const bytes = new TextEncoder().encode(text);
  libc().write(fd, bytes, bytes.length);
};

function main(): number {
  const options = optionsOf(thisProcess.args);
  if (options === 'help') say(1, USAGE);
  else if (options === 'version') say(1, `${VERSION}\n`);
  else {
    // As process 1 of a container it would otherwise ignore both.
    if (options.wait) for (const signal of [SIGINT, SIGTERM]) libc().signalToUmask(signal);
    libc().umask(MASK);
    const names = install(options.from, options.to);
    say(1, `netlink-ts ${VERSION}: ${names.join(', ')} are in ${options.to}\n`);
    if (options.wait) waitForSignal();
  }
  return 0;
}

function waitForSignal(): void {
  while (libc().umask(MASK) === MASK) libc().poll(-1, 0, LOOK);
}

try {
  thisProcess.exit(main());
} catch (error) {
  say(2, `install-cni-plugins: ${(error as Error).message}\n`);
  thisProcess.exit(1);
}
