#!/usr/bin/env bash
# Checks our programs and their twins in C on Debian 12's kernel, in an
# emulated machine, and on the kernel of this machine, and writes the
# verdicts that differ into docs/kernels.md. Run it as root on Debian, in
# the folder of the suite:
#
#     docs/kernels.sh [FOLDER [table]]
#
# It needs mmdebstrap, cpio, qemu-system-x86, qemu-system-arm, Go, and the
# C compilers gcc and gcc-aarch64-linux-gnu. FOLDER keeps the root file
# systems and what was printed, and "table" makes the page from that again;
# ARCHS="amd64" does one processor only.
# The emulated machine counts time by instructions (-icount), so a busy
# host changes no verdict.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "kernels.sh: run it as root, it uses chroot" >&2; exit 2; }
[ -f go.mod ] || { echo "kernels.sh: run it in the folder of the suite" >&2; exit 2; }
archs=${ARCHS:-amd64 arm64}
tmp=${1:-}
if [ -z "$tmp" ]; then
	tmp=$(mktemp -d)
	trap 'rm -rf "$tmp"' EXIT
fi
mkdir -p "$tmp"
tmp=$(realpath "$tmp")

# guest is what runs in each root file system: as PROGRAM HOW VERDICT of
# each claim. "own" is ch8's own program, checked as ch8 check does
# without a command; "go" is the same program and "c" its twin, checked as
# a learner's.
guest() {
	cat <<-'END'
		#!/bin/sh
		cd /tmp && export HOME=/tmp TMPDIR=/tmp PATH=/suite:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb
		check() {
			what=$1 how=$2; shift 2
			ch8 check --json --runs 1 --no-progress "$@" 2>/tmp/said |
				sed 's/^{"id":"\([^"]*\)","status":"pass".*/\1 pass/; s/^{"id":"\([^"]*\)","status":"\([^"]*\)"/\1 \2 {/' |
				sed "s/^/@ $what $how /"
			! grep -q 'keeper failed' /tmp/said || echo "failed $id" >>/tmp/said
			sed "s/^/# $what $how /" /tmp/said
		}
		echo "@@ begin $(uname -rm)"
		ch8 doctor | sed 's/^/# doctor /'
		for id in $(cat /suite/own); do check own plain "$id"; done
		for id in $(cat /suite/exercises); do
			dir=${id%/*} name=${id#*/}
			for how in isolated plain; do
				[ $how = plain ] && option=--plain || option=
				check go $how $option "$id" -- "/suite/go/$dir" "$name"
				[ ! -e "/suite/c/$id-c" ] || check c $how $option "$id" -- "/suite/c/$id-c"
			done
		done
		echo "@@ end"
	END
}

# root makes the root file system of an architecture: Debian's packages,
# unpacked and not configured, and the suite.
root() {
	local arch=$1 fs=$tmp/root-$1 cc=cc
	[ "$arch" != arm64 ] || cc=aarch64-linux-gnu-gcc
	if [ ! -d "$fs" ]; then
		mmdebstrap --variant=extract --architectures="$arch" \
			--setup-hook=/usr/share/mmdebstrap/hooks/merged-usr/setup00.sh \
			--include="bash,dash,coreutils,util-linux,mount,procps,mawk,grep,sed,findutils,busybox-static,gcc,libc6-dev,libc-bin,login,linux-image-$arch" \
			bookworm "$tmp/new-$arch" http://deb.debian.org/debian
		rm -rf "$tmp/new-$arch"/usr/share/{doc,man,locale,perl,i18n} "$tmp/new-$arch"/usr/lib/*/{perl,gconv} \
			"$tmp/new-$arch"/{usr/lib/modules,lib/modules,var/lib/dpkg,var/cache,initrd.img*,vmlinuz*}
		ln -s gcc "$tmp/new-$arch/usr/bin/cc"
		ln -s mawk "$tmp/new-$arch/usr/bin/awk"
		echo 'root:x:0:0:root:/tmp:/bin/bash' >"$tmp/new-$arch/etc/passwd"
		echo 'student:x:1000:1000::/tmp:/bin/bash' >>"$tmp/new-$arch/etc/passwd"
		printf 'root:x:0:\nstudent:x:1000:\n' >"$tmp/new-$arch/etc/group"
		mv "$tmp/new-$arch" "$fs"
	fi
	rm -rf "$fs/suite"
	mkdir -p "$fs/suite/go" "$fs/proc" "$fs/sys" "$fs/dev" "$fs/tmp" "$fs/mnt"
	go run ./internal/dist -o "$tmp/dist" -only "linux-$arch"
	cp "$tmp/dist/ch8-linux-$arch" "$fs/suite/ch8"
	go run ./ch8 list --json >"$tmp/list"
	sed -n 's/^{"id":"\([^"]*\)".*/\1/p' "$tmp/list" >"$fs/suite/own"
	sed -n 's/^{"id":"\([^"]*\)".*"exercise":true.*/\1/p' "$tmp/list" >"$fs/suite/exercises"
	while IFS=/ read -r dir name; do
		[ -e "$fs/suite/go/$dir" ] || GOARCH=$arch CGO_ENABLED=0 go build -o "$fs/suite/go/$dir" "./$dir"
		[ -e "$dir/c/$name.c" ] || continue
		mkdir -p "$fs/suite/c/$dir"
		"$cc" -g -pthread -o "$fs/suite/c/$dir/$name-c" "$dir/c/$name.c"
	done <"$fs/suite/exercises"
	guest >"$fs/suite/guest"
	chmod 755 "$fs/suite/guest"
}

# packed makes the initramfs: busybox, and the root file system, which
# goes to a tmpfs because the initramfs itself cannot be pivoted.
packed() {
	local arch=$1 fs=$tmp/root-$1 image=$tmp/image-$1
	rm -rf "$image"
	mkdir -p "$image"/{bin,proc,dev,newroot}
	cp "$fs/bin/busybox" "$image/bin/"
	cat >"$image/init" <<-'END'
		#!/bin/busybox sh
		b=/bin/busybox
		$b mount -t tmpfs -o size=90% tmpfs /newroot
		$b tar -C /newroot -xf /root.tar && $b rm /root.tar
		$b mount -t proc proc /newroot/proc
		$b mount -t sysfs sysfs /newroot/sys
		$b mount -t devtmpfs devtmpfs /newroot/dev
		$b mkdir -p /newroot/dev/pts /newroot/dev/shm
		$b mount -t devpts devpts /newroot/dev/pts
		$b chmod 1777 /newroot/tmp
		exec $b switch_root /newroot /suite/boot
	END
	cat >"$fs/suite/boot" <<-'END'
		#!/bin/sh
		busybox ifconfig lo 127.0.0.1 up
		setsid -w /suite/guest </dev/null 2>&1
		echo o >/proc/sysrq-trigger
		sleep 60
	END
	chmod 755 "$image/init" "$fs/suite/boot"
	tar -C "$fs" --exclude=./boot --numeric-owner -cf "$image/root.tar" .
	(cd "$image" && find . | cpio -o -H newc --quiet) >"$tmp/initramfs-$arch"
	rm -rf "$image"
}

# emulated runs the guest in an emulated machine: with an old processor,
# whose instructions cost the emulator less, and without the kernel's
# precautions against faults that an emulated one does not have. In QEMU's
# amd64 a keeper panics now and then, in reflect, which it does nowhere else:
# these checks are repeated.
emulated() {
	local arch=$1 suite=$tmp/root-$1/suite
	boot "$arch" >"$tmp/seen-$arch"
	for _ in 1 2 3 4 5; do
		grep -q '^# [a-z]* [a-z]* failed ' "$tmp/seen-$arch" || break
		sed -n 's/^# own [a-z]* failed //p' "$tmp/seen-$arch" | sort -u >"$suite/own"
		sed -n 's/^# \(go\|c\) [a-z]* failed //p' "$tmp/seen-$arch" | sort -u >"$suite/exercises"
		sed -i '/^# [a-z]* [a-z]* failed /d' "$tmp/seen-$arch"
		packed "$arch"
		boot "$arch" >>"$tmp/seen-$arch"
	done
	awk '!($1 == "@" && judged[$2, $3, $4]++)' "$tmp/seen-$arch" >"$tmp/judged"
	mv "$tmp/judged" "$tmp/seen-$arch"
}

# boot starts the machine and prints what it printed.
boot() {
	local arch=$1 machine=(qemu-system-x86_64 -cpu qemu64) console=ttyS0
	[ "$arch" != arm64 ] || machine=(qemu-system-aarch64 -M virt -cpu cortex-a57) console=ttyAMA0
	"${machine[@]}" -accel tcg -icount shift=2,sleep=off -m 2048 -nic none -no-reboot \
		-display none -monitor none -serial "file:$tmp/console-$arch" \
		-kernel "$tmp/root-$arch"/boot/vmlinuz-* -initrd "$tmp/initramfs-$arch" \
		-append "console=$console rdinit=/init panic=-1 loglevel=3 mitigations=off" </dev/null
	tr -d '\r' <"$tmp/console-$arch"
}

# here runs the same on the kernel of this machine. chroot would not do:
# a process in a chroot cannot make a user namespace.
here() {
	env -i PATH="$PATH" unshare --pid --fork --mount --kill-child sh -c '
		mount --bind "$0" "$0" && cd "$0" && mount -t proc proc proc && mount --rbind /sys sys &&
		mount --rbind /dev dev && mount -t tmpfs -o mode=1777 tmpfs tmp && pivot_root . mnt && umount -l /mnt &&
		exec /suite/guest' "$tmp/root-$(go env GOARCH)" </dev/null >"$tmp/seen-here"
}

# table prints a row for each claim whose verdict differs from the one
# here. The last field is the reason that ch8 gives, or what it saw.
table() {
	awk '
		function field(name,    rest) {
			if (!match($0, "\"" name "\":\"")) return ""
			rest = substr($0, RSTART + RLENGTH)
			match(rest, /^([^"\\]|\\.)*/)
			return substr(rest, 1, RLENGTH)
		}
		$1 != "@" { next }
		{ key = $2 " | " $3 " | " $4 }
		FNR == NR { first[key] = $5; reason[key] = field("reason"); next }
		{ both++ }
		first[key] == $5 { same++; next }
		{
			why = field("reason")
			if (why == "") why = field("observed")
			if (why == "" && reason[key] != "") why = "here: " reason[key]
			if (why == "" && field("after") != "") why = field("after") " failed"
			gsub(/[|]/, "/", why)
			rows = rows "| " key " | " (key in first ? first[key] : "not checked") " | " $5 " | " why " |\n"
		}
		END {
			printf "%d claims were checked, and %d have the same verdict.\n", both, same
			if (rows != "") printf "\n| program | how | claim | here | there | the reason |\n|---|---|---|---|---|---|\n%s", rows
		}' "$tmp/seen-here" "$tmp/seen-$1"
}

# page prints docs/kernels.md.
page() {
	local arch
	echo '# On the kernel of Debian 12'
	echo
	echo "Made by \`docs/kernels.sh\`. Here is Linux $(sed -n 's/^@@ begin //p' "$tmp/seen-here"); there is a"
	echo 'machine emulated by QEMU, without a network, which counts time by'
	echo 'instructions. As program, *own* is an experiment in Go, checked as'
	echo '`ch8 check` does without a command; *go* is the same and *c* its twin,'
	echo "checked as a learner's. The tables list the verdicts that differ."
	echo 'Where ch8 cannot check a claim, the last field is the reason it gives.'
	for arch in $archs; do
		[ -s "$tmp/seen-$arch" ] || continue
		printf '\n## Linux %s\n\n' "$(sed -n 's/^@@ begin //p' "$tmp/seen-$arch" | tail -1)"
		table "$arch"
		grep -q '^@@ end' "$tmp/seen-$arch" ||
			printf '\nThe run was stopped before its end: the last claim was\n%s.\n' "$(sed -n 's/^@ \([^ ]* [^ ]* [^ ]*\) .*/\1/p' "$tmp/seen-$arch" | tail -1)"
	done
}

if [ "${2:-}" != table ]; then
	for arch in $archs; do
		root "$arch"
		[ "$arch" != "$(go env GOARCH)" ] || here
		packed "$arch"
		emulated "$arch"
	done
fi
page >docs/kernels.md
