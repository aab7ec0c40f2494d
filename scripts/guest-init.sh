#!/bin/bash
# The first process inside user-mode Linux (uml.ts) and inside QEMU (qemu.ts): makes the machine
# usable, runs the job whose path stands on the kernel command line as `job=`, says how it ended on
# the console, powers off. `modules=` is the folder of the kernel's modules.
# The host's files are the root file system and stay read-only; what is written goes to memory.
export PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp TERM=dumb
stty raw -echo </dev/console
# QEMU's first file system may have mounted them; below hostfs those of the host show through.
mount -t proc proc /proc 2>/dev/null
mount -t sysfs sys /sys 2>/dev/null
mount -t tmpfs run /run
mkdir -p /run/netns /run/kernel/lib
cp "$job" /run/job
mkdir /run/whole
mount --bind / /run/whole
for covered in /tmp /var/tmp /var/lib; do mount -t tmpfs tmpfs "$covered"; done
# The checkout may lie below a folder that was just covered.
mkdir -p "$checkout"
mount --bind "/run/whole$checkout" "$checkout"
mount -o remount,ro,bind "$checkout"

# The project's Node, whatever the system has; node_modules/.bin as a whole would hide the system's nft.
mkdir /run/bin
ln -s "$checkout/node_modules/.bin/node" "$checkout/node_modules/.bin/bun" /run/bin/

# Debian's kernel has its modules outside the usual tree; one call loads them all. A kernel with everything built
# in has no modules at all, and the tests ask the kernel itself what it can do.
if [ -d "$modules/$(uname -r)" ]; then
  ln -s "$modules" /run/kernel/lib/modules
  modprobe --quiet --dirname /run/kernel -a ipv6 dummy ipvlan bridge veth nlmon 8021q macvlan \
    iptable_nat ip6table_nat iptable_filter ip6table_filter xt_MASQUERADE xt_comment nf_tables \
    xt_nat xt_mark xt_multiport xt_addrtype xt_tcpudp br_netfilter overlay 2>/dev/null
fi
# Debian's kernel has nf_tables without the families that iptables needs; its admin would choose the older programs.
if ! nft "add table ip probe; delete table ip probe" >/dev/null 2>&1; then
  cp -a /etc/alternatives /run/alternatives
  for name in iptables ip6tables; do
    for part in "$name" "$name-save" "$name-restore"; do
      ln -sf "/usr/sbin/${part/tables/tables-legacy}" "/run/alternatives/$part"
    done
  done
  mount --bind /run/alternatives /etc/alternatives
fi
# Otherwise each new namespace is born with a tunnel of every kind.
fallback=/proc/sys/net/core/fb_tunnels_only_for_init_net
[ -e $fallback ] && echo 2 >$fallback
# The reference's plugins hand nft its commands by this name.
[ -e /dev/stdin ] || ln -s /proc/self/fd/0 /dev/stdin
ip link set lo up

echo "--- guest: begin ---"
bash /run/job </dev/null
echo "--- guest: end $? ---"
echo o >/proc/sysrq-trigger
sleep 10
