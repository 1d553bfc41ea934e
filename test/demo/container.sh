#!/bin/sh
# One container as a kubelet's runtime makes it: the first process of its own process table, on a root of its own that shows
# the machine's programs but nothing of the lab, with the pod's volumes at their places, as the user that the pod names.
# usage: container.sh PROJECT READONLY UID GID WORKDIR [SOURCE:TARGET:ro|rw]... -- command...; its environment is the container's.
set -eu
project=$1 readonly=$2 uid=$3 gid=$4 workdir=$5
shift 5

base=$(mktemp -d "$KERBSIDE_LAB/container-XXXXXX")
mount -t tmpfs -o mode=755 tmpfs "$base"
root=$base/root
mkdir "$root" "$base/upper" "$base/work"
mount -t overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" overlay "$root"
# Programs and their configuration stand for the image; whatever else the machine and the lab keep is no part of it.
for folder in "$root"/*; do
  case ${folder##*/} in
    bin | sbin | lib* | usr | etc | dev | proc | sys) ;;
    *) [ ! -d "$folder" ] || mount -t tmpfs -o mode=755 tmpfs "$folder" ;;
  esac
done
chmod 1777 "$root/tmp"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount --rbind /dev "$root/dev"
for file in hosts resolv.conf; do
  mount --bind "/etc/$file" "$root/etc/$file"
done
mkdir -p "$root/kerbside"
mount --bind "$project" "$root/kerbside"
mount -o remount,bind,ro "$root/kerbside"

while [ "$1" != -- ]; do
  source=${1%%:*} rest=${1#*:}
  target=${rest%:*} mode=${rest##*:}
  mkdir -p "$root$target"
  mount --bind "$source" "$root$target"
  [ "$mode" = rw ] || mount -o remount,bind,ro "$root$target"
  shift
done
shift

[ "$readonly" = false ] || mount -o remount,ro "$root"
cd "$root"
exec chroot . /usr/bin/setpriv --reuid="$uid" --regid="$gid" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all \
  /usr/bin/env --chdir="$workdir" "$@"
