# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the benchmarks share on the host: the programs that they run in a guest,
# and the peers. To be sourced by bash under "set -eu".

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source-path=SCRIPTDIR source=../scripts/lib.sh
. "$bench/../scripts/lib.sh"
# shellcheck source-path=SCRIPTDIR source=../scripts/programs.sh
. "$bench/../scripts/programs.sh"

# The workloads: frame pointers and a frame for each function, and no red zone,
# since an asm statement pushes.
build_work() {
	need_command gcc gcc
	need libc6-dev
	gcc -O1 -Wall -Wextra -Wno-unused-parameter -static -fno-pie -no-pie \
	    -fno-inline -fno-optimize-sibling-calls -fno-omit-frame-pointer \
	    -mno-red-zone -o "$1" "$bench/work.c"
}

build_events() {
	need_command gcc gcc
	need libc6-dev
	gcc -O1 -Wall -Wextra -static -o "$1" "$bench/events.c"
}

# build_guest DIRECTORY KERNEL: all but perftop itself that a guest needs in /root.
build_guest() {
	local modules

	mkdir "$1"
	build_work "$1/work"
	mapfile -t modules < <("$root/scripts/kernel" --build "$bench" "$2")
	[ "${#modules[@]}" = 3 ] || exit 1
	cp "${modules[@]}" "$bench"/guest-*.sh "$1/"
}

# add_ext4 DIRECTORY KERNEL: a file system, and those of the kernel's modules that it
# wants, in that order; a kernel may have some built in.
add_ext4() {
	local file modules name

	need_command xz xz-utils
	PATH=$PATH:/usr/sbin:/sbin need_command mkfs.ext4 e2fsprogs
	modules=$("$root/scripts/kernel" --modules "$2")
	for name in brd crc16 crc32c_generic crc32c-cryptoapi mbcache jbd2 ext4; do
		file=$(find "$modules" -name "$name.ko" -o -name "$name.ko.xz")
		case $file in
		*.ko)	cp "$file" "$1/" ;;
		*.xz)	xz -dc "$file" >"$1/$name.ko" ;;
		*)	continue ;;
		esac
		echo "$name" >>"$1/ext4.modules"
	done
	truncate -s 32M "$1/ext4"
	# Nothing is left for the kernel to do when it is mounted.
	PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -b 4096 -J size=4 \
	    -E lazy_itable_init=0,lazy_journal_init=0 "$1/ext4"
	gzip "$1/ext4"
}

# guest OPTION... -- COMMAND...: with all of that directory, which is
# $tmp/guest.
guest() {
	local add=() file

	for file in "$tmp"/guest/*; do
		add+=(-a "$file")
	done
	attend "$root/scripts/guest" -k "${kernel:-default}" -t 1800 "${add[@]}" "$@"
}

# --- The peers -------------------------------------------------------------

# Set peers to a directory with the parts of a root file system.
find_peers() {
	find_programs tracers "bpftrace perf hardirqs softirqs syscount" bpftrace \
	    linux-perf libbpf-tools
	# shellcheck disable=SC2034
	peers=$programs
}
