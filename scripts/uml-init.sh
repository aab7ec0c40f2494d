#!/bin/bash
# The first process inside user-mode Linux (see uml.ts): makes the machine usable, runs the job whose
# path stands on the kernel command line as `job=`, says how it ended on the console, powers off.
# The host's files are the root file system and stay read-only; what is written goes to memory.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp TERM=dumb
stty raw -echo </dev/console
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t tmpfs run /run
mkdir -p /run/netns /run/kernel/lib
cp "$job" /run/job
for covered in /tmp /var/tmp /var/lib; do mount -t tmpfs tmpfs "$covered"; done
# The checkout may lie below a folder that was just covered.
mkdir -p "$checkout"
mount -t hostfs -o "$checkout" none "$checkout"
mount -o remount,ro "$checkout"

# One call loads them all; the modules of this kernel lie outside the usual tree.
ln -s /usr/lib/uml/modules /run/kernel/lib/modules
modprobe --dirname /run/kernel -a ipv6 dummy ipvlan bridge veth nlmon 8021q macvlan iptable_nat \
  ip6table_nat xt_MASQUERADE xt_comment nf_tables br_netfilter
ip link set lo up

echo "--- uml: begin ---"
bash /run/job </dev/null
echo "--- uml: end $? ---"
echo o >/proc/sysrq-trigger
sleep 10
