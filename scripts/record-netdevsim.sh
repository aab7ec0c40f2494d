#!/bin/sh
# Records what netdevsim and the kernel answer to our verbs, beside what `devlink -j` prints at the
# same time, for test/devlink/like-devlink.test.ts: no kernel at hand has a devlink device.
#
#     linux.uml with netdevsim first in PATH (fixtures/README.md), then
#     npm run -s uml -- sh scripts/record-netdevsim.sh > test/devlink/netdevsim.json
set -e
dev=netdevsim/netdevsim1
mount -t debugfs debugfs /sys/kernel/debug
echo '1 2' >/sys/bus/netdevsim/new_device
echo 2 >/sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs
devlink dev eswitch set $dev mode switchdev
devlink region new $dev/dummy snapshot 7
devlink trap set $dev trap source_mac_is_multicast action trap
devlink resource set $dev path /IPv4/fib size 100
devlink port function rate add $dev/group1 tx_max 10mbit
devlink port function rate set $dev/128 tx_share 1mbit parent group1
echo boom >/sys/kernel/debug/netdevsim/netdevsim1/health/break_health
while read -r command; do
  printf '%s\t%s\n' "$command" "$(devlink -j $command 2>/dev/null | tr '\n' ' ')"
done >/run/shown <<COMMANDS
port show
port show $dev/128
dev info
dev param show
health show
health dump show $dev reporter dummy
region show
region read $dev/dummy snapshot 7 address 16 length 32
trap show
trap group show
trap policer show
port function rate show
resource show $dev
dev eswitch show $dev
COMMANDS
exec node scripts/record-netdevsim.ts "$(devlink -V)" </run/shown
