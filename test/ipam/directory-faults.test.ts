import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';

const DRIVER = join(import.meta.dirname, 'faults/driver.ts');

/** Mounting needs root and a mount namespace of its own. */
const mountable = spawnSync('unshare', ['-m', 'true']).status === 0 ? test : test.skip;

/**
 * Runs a shell script in a mount namespace; `ipam COMMAND ID` is our driver on `$DATA`, of which
 * `$DATA` is a tiny tmpfs.
 */
function inTmpfs(t: ExecutionContext, options: string, script: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'ipam-mount-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const network = JSON.stringify({
    name: 'net',
    cniVersion: '1.1.0',
    ipam: { dataDir: folder, ranges: [[{ subnet: '10.1.2.0/24' }], [{ subnet: '2001:db8::/64' }]] },
    'cni.dev/valid-attachments': [],
  });
  const prelude = `
    ipam() { CNI_COMMAND=$1 CNI_CONTAINERID=$2 CNI_IFNAME=eth0 GC_STARTS_LATER=1000 "$NODE" "$DRIVER" 2>>"$DATA.log" <<END
${network}
END
      echo " exit $?"; }
    leases() { find "$DATA/net" -name '[12]*' | wc -l; }
    mount -t tmpfs -o ${options} tmpfs "$DATA" || exit 1
  `;
  const { stdout, status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', prelude + script], {
    env: { PATH: process.env['PATH'] ?? '', NODE: process.execPath, DRIVER, DATA: folder },
    encoding: 'utf8',
  });
  rmSync(`${folder}.log`, { force: true });
  t.is(status, 0, stderr);
  return stdout.trim().split('\n');
}

mountable('read-only: ADD, DEL and STATUS are errors that lose nothing, CHECK works', (t) => {
  const lines = inTmpfs(
    t,
    'size=1m',
    `ipam ADD a; mount -o remount,ro "$DATA"
     ipam ADD b; ipam DEL a; ipam CHECK a; ipam STATUS x; leases`,
  );
  t.regex(lines[0]!, /exit 0$/);
  t.regex(lines[1]!, /"code":"store".*read-only file system.*exit 1$/);
  t.regex(lines[2]!, /"code":"store".*read-only file system.*exit 1$/);
  t.is(lines[3], ' exit 0');
  t.regex(lines[4]!, /"code":"store".*read-only file system.*exit 1$/);
  t.is(lines[5], '2');
});

mountable('no space: ADD is an error and takes nothing, DEL still frees, then ADD works', (t) => {
  const lines = inTmpfs(
    t,
    'size=128k',
    `ipam ADD a; dd if=/dev/zero of="$DATA/ballast" bs=4k 2>/dev/null
     ipam ADD b; leases; ipam STATUS x; ipam CHECK a; ipam DEL a; leases
     rm "$DATA/ballast"; ipam ADD b; leases; ipam GC; leases`,
  );
  t.regex(lines[1]!, /"code":"store".*no space left on device.*exit 1$/);
  t.is(lines[2], '2');
  t.regex(lines[3]!, /"code":"store".*no space left on device.*blocks.*exit 1$/);
  t.is(lines[4], ' exit 0');
  t.is(lines[5], ' exit 0');
  t.is(lines[6], '0');
  t.regex(lines[7]!, /exit 0$/);
  t.is(lines[8], '2');
  t.is(lines[10], '0');
});

mountable('no inodes: ADD is an error at every step, and nothing is left', (t) => {
  const steps = [4, 5, 6, 7, 8, 9, 10, 11, 12];
  const script = steps
    .map(
      (inodes) =>
        `rm -rf "$DATA/net" "$DATA/.netlink-ts"; mount -o remount,nr_inodes=${inodes} "$DATA"; ipam ADD a; leases`,
    )
    .join('\n');
  const lines = inTmpfs(t, 'size=1m,nr_inodes=40', script);
  let succeeded = 0;
  for (let at = 0; at < lines.length; at += 2) {
    if (/exit 0$/.test(lines[at]!)) {
      succeeded++;
      t.is(lines[at + 1], '2', lines[at]);
    } else {
      t.regex(lines[at]!, /no space left on device/);
      t.is(lines[at + 1], '0', lines[at]);
    }
  }
  t.true(succeeded > 0 && succeeded < steps.length, lines.join('\n'));
});

mountable(
  'nearly full: STATUS fails exactly where the ADD behind it does, and leaves nothing',
  (t) => {
    const answers = new Set<string>();
    for (const [options, resize] of [
      [
        'size=1m,nr_inodes=40',
        'used=$(df -i --output=iused "$DATA" | tail -1); mount -o remount,nr_inodes=$((used + room)) "$DATA"',
      ],
      [
        'size=1m',
        'used=$(df -B4k --output=used "$DATA" | tail -1); mount -o remount,size=$(((used + room) * 4))k "$DATA"',
      ],
    ] as const) {
      // One mark is there and may be written over, the other is not.
      const prepare = 'rm -f "$DATA/net/last_reserved_ip.1"';
      const lines = inTmpfs(
        t,
        options,
        `ipam ADD a; ${prepare}
         for room in 1 2 3 4 5; do
           ${resize}; before=$(find "$DATA" | sort)
           ipam STATUS x; [ "$(find "$DATA" | sort)" = "$before" ] || echo "left something"
           ipam ADD b; mount -o remount,size=1m "$DATA"; ipam DEL b; ${prepare}
         done`,
      ).slice(1);
      t.is(lines.length, 15, lines.join('\n'));
      for (let at = 0; at < lines.length; at += 3) {
        const [status, add] = [lines[at]!, lines[at + 1]!].map(
          (line) => /exit (\d)$/.exec(line)![1]!,
        );
        t.is(status, add, `${options}, ${prepare}, room ${at / 3}: ${lines.slice(at, at + 2)}`);
        answers.add(add!);
      }
    }
    t.deepEqual([...answers].sort(), ['0', '1']);
  },
);

mountable(
  'vanished: leases are there again when the directory is, and calls meanwhile touch nothing of it',
  (t) => {
    const lines = inTmpfs(
      t,
      'size=1m',
      `ipam ADD a; mv "$DATA/net" "$DATA/away"; ipam DEL a; ipam CHECK a; ipam STATUS x
     mv "$DATA/away" "$DATA/net"; ipam CHECK a; leases; ipam DEL a; leases`,
    );
    t.is(lines[1], ' exit 0');
    t.regex(lines[2]!, /Failed to find address added by container a.*exit 1$/);
    t.is(lines[3], ' exit 0');
    t.is(lines[4], ' exit 0');
    t.is(lines[5], '2');
    t.is(lines[7], '0');
  },
);

mountable('a network directory on a file system of its own works without our state', (t) => {
  const lines = inTmpfs(
    t,
    'size=1m',
    `mkdir "$DATA/net"; mount -t tmpfs -o size=1m tmpfs "$DATA/net"
     ipam ADD a; ipam ADD a; ipam ADD b; ls "$DATA/net"; ipam DEL a; leases`,
  );
  t.regex(lines[0]!, /10\.1\.2\.2.*exit 0$/);
  t.regex(lines[1]!, /duplicate allocation.*exit 1$/);
  t.regex(lines[2]!, /10\.1\.2\.3.*exit 0$/);
  t.is(lines.at(-1), '2');
});
