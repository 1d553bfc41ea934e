#!/bin/sh
# The first process of a lab's namespace: makes it private, brings up its network, runs the supervisor, and reaps orphans.
# When this process ends, the kernel ends every other process and mount in the namespace.
# usage: init.sh FOLDER CGROUP NODE SUPERVISOR
set -eu
folder=$1 cgroup=$2 node=$3 supervisor=$4

# Still the machine's /proc: our number as seen from outside, and our start time.
read -r mark </proc/self/stat
printf '%s\n' "$mark" >"$folder/init.new"
mv "$folder/init.new" "$folder/init.stat"
for procs in /sys/fs/cgroup/*"$cgroup"/daemons/cgroup.procs /sys/fs/cgroup"$cgroup"/daemons/cgroup.procs; do
  if [ -w "$procs" ]; then echo 0 >"$procs"; fi
done

mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs -o mode=755 tmpfs /run

# Copy on write, not empty: the caches and the checkout may lie anywhere. An overlay cannot be the upper layer of another, hence the tmpfs.
overlay() {
  mkdir -p "$folder/layers$1/upper" "$folder/layers$1/work"
  mount -t overlay -o "lowerdir=$1,upperdir=$folder/layers$1/upper,workdir=$folder/layers$1/work" overlay "$1" 2>/dev/null
}
if ! overlay /var; then
  mount -t tmpfs -o mode=755 tmpfs "$folder/layers"
  overlay /var
fi
overlay /etc
ln -sf "$folder/hosts" /etc/hosts
ln -sf "$folder/resolv.conf" /etc/resolv.conf

hostname node1.lab
ip -batch "$folder/network.ip"

"$node" "$supervisor" "$folder" </dev/null &
wait $!
