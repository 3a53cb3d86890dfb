#!/usr/bin/env bash
# Measures how long it takes from nothing to the first picture of a real
# fork, by each door into the suite, and writes docs/doors.md. Run it as
# root in the folder of the suite, on a machine that does little else:
#
#     docs/doors.sh ROOT
#
# ROOT is a fresh Debian root file system, as debootstrap or mmdebstrap
# --variant=minbase makes it. Each door gets a copy of its own. Downloads
# (modules of Go, packages of Debian) are measured apart from the rest.
# DOORS="binary container" tries these doors only. The container is the
# image ch8 of podman (PODMAN=docker takes another program), which podman
# build makes as README says. DIST=dist takes the binary that make dist
# left there, instead of building it again.
set -euo pipefail

root=${1:?give a Debian root file system: debootstrap --variant=minbase bookworm ROOT}
[ "$(id -u)" = 0 ] || { echo "doors.sh: run it as root, it uses chroot" >&2; exit 2; }
[ -f go.mod ] || { echo "doors.sh: run it in the folder of the suite" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
rows=()

# seconds COMMAND... runs it and leaves the time it took in $took.
seconds() {
	local start=${EPOCHREALTIME/./}
	"$@" >"$tmp/said" 2>&1 || { cat "$tmp/said" >&2; echo "doors.sh: $* failed" >&2; exit 1; }
	took=$(awk "BEGIN { printf \"%.1f\", (${EPOCHREALTIME/./} - $start) / 1e6 }")
}

# fresh makes a copy of the root file system.
fresh() {
	rm -rf "$tmp/fs"
	cp -a "$root" "$tmp/fs"
	cp /etc/resolv.conf /etc/hosts "$tmp/fs/etc/" 2>/dev/null || true
	mkdir -p "$tmp/fs/etc/ssl/certs"
	cp -a /etc/ssl/certs/. "$tmp/fs/etc/ssl/certs/" 2>/dev/null || true
}

# inside COMMAND runs a command of the shell in the copy, in a pid and a
# mount namespace of its own.
inside() {
	unshare --pid --fork --mount --kill-child sh -c '
		mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && mount -t devpts devpts "$0/dev/pts" &&
		exec chroot "$0" env -i HOME=/tmp PATH=/opt/go/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb sh -c "$1"' "$tmp/fs" "$1"
}

# picture checks that the last command drew the double fork.
picture() {
	grep -q zombie "$tmp/said" && return
	cat "$tmp/said" >&2
	echo "doors.sh: there is no picture of the double fork" >&2
	exit 1
}

row() { rows+=("| $1 | $2 | $3 | $4 |"); echo "${rows[-1]}"; }

checkout() {
	fresh
	mkdir "$tmp/fs/suite"
	git ls-files -z | xargs -0 cp --parents -t "$tmp/fs/suite"
	seconds cp -a "$(go env GOROOT)" "$tmp/fs/opt/go"
	local unpack=$took
	seconds inside 'cd /suite && go mod download'
	local download=$took
	seconds inside 'cd /suite && go run ./ch8 draw doublefork'
	picture
	row 'a checkout, with Go unpacked' "$download" "$unpack (copying Go) + $took" '`go run ./ch8 draw doublefork`'
}

binary() {
	fresh
	local file=${DIST:-$tmp/dist}/ch8-linux-$(go env GOARCH)
	[ -n "${DIST:-}" ] || go run ./internal/dist -o "$tmp/dist" -only "linux-$(go env GOARCH)"
	seconds cp "$file" "$tmp/fs/usr/local/bin/ch8"
	seconds inside 'ch8 draw doublefork'
	picture
	row 'one file' "the file ($(($(stat -c %s "$file") / 1000000)) MB)" "$took" '`ch8 draw doublefork`'
}

container() {
	local podman=${PODMAN:-podman}
	if ! command -v "$podman" >/dev/null || ! "$podman" image exists ch8; then
		row 'a container' '' 'not tried: there is no image ch8' '`podman run ch8 ch8 draw doublefork`'
		return
	fi
	seconds "$podman" run --rm ${PODMAN_OPTIONS:-} ch8 ch8 draw doublefork
	picture
	row 'a container, once it is built' 'the image' "$took" '`podman run ch8 ch8 draw doublefork`'
}

load=$(cut -d' ' -f1 /proc/loadavg)
for door in ${DOORS:-checkout binary container}; do
	"$door"
done
{
	echo '# From nothing to the first picture'
	echo
	echo "Made by \`docs/doors.sh\` on $(date +%F): $(nproc) processors, $(uname -sr), $(go env GOVERSION), in a bare"
	echo 'Debian root file system. Times are in seconds. The picture is that of a'
	echo "double fork, recorded at that moment. The load of the machine was $load when"
	echo 'it began: on a quiet machine the times are shorter. Tried as'
	echo "\`DOORS=\"${DOORS:-checkout binary container}\" docs/doors.sh\`."
	echo
	echo '| door | downloads | the rest | the command |'
	echo '|---|---|---|---|'
	printf '%s\n' "${rows[@]}"
} >docs/doors.md
