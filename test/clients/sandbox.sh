#!/bin/bash
# The first process of a sandbox (see sandbox.ts) with namespaces of its own for network, mounts, processes, IPC and host name:
# covers every folder that a container engine writes to, and runs the command that it is given. It stays, because somebody has to
# collect the orphans. With it ends everything that the command started, and all traces go.
set -e
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock /dev/shm
mount -t tmpfs tmpfs /dev/shm
# What is mounted below a folder would be gone: user-mode Linux has other alternatives.
mkdir /run/alternatives
mount --bind /etc/alternatives /run/alternatives
for folder in /etc /opt /var/lib; do
  above=/run/above$folder
  mkdir -p $above/new $above/work
  mount -t overlay -o lowerdir=$folder,upperdir=$above/new,workdir=$above/work overlay $folder
done
mount --bind /run/alternatives /etc/alternatives
# Networks and attachments of this machine are none of ours.
for folder in /etc/cni /opt/cni /var/lib/cni; do
  mkdir -p $folder
  mount -t tmpfs tmpfs $folder
done
mkdir -p /etc/cni/net.d
# User-mode Linux has none.
mountpoint -q /sys/fs/cgroup || mount -t cgroup2 cgroup /sys/fs/cgroup
ip link set lo up
"$@"
