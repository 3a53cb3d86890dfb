#!/bin/sh
# The first process of the machine in the browser tab.
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
mount -t tmpfs -o mode=1777 none /tmp
mkdir /dev/pts /dev/shm
mount -t devpts -o ptmxmode=666 none /dev/pts
mount -t tmpfs -o mode=1777 none /dev/shm
for m in /mod/*.ko; do insmod $m; done
rm -r /mod
export PATH=/usr/bin:/bin HOME=/root TMPDIR=/tmp
cd /root
echo "started $(uname -r) in $(cut -d' ' -f1 /proc/uptime) s"
echo 3 >/proc/sys/vm/drop_caches # what is free is zero, and small in the saved state
sh </dev/ttyS0 >/dev/ttyS0 2>&1 & # to look into the machine, see ask.mjs
# A guest that was killed for want of memory is started again.
while :; do guest /dev/hvc0; done
