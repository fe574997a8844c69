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

# build_guest DIRECTORY KERNEL: all but perftop itself that a guest needs in /root.
build_guest() {
	local modules

	mkdir "$1"
	build_work "$1/work"
	mapfile -t modules < <("$root/scripts/kernel" --build "$bench" "$2")
	[ "${#modules[@]}" = 2 ] || exit 1
	cp "${modules[@]}" "$bench"/guest-*.sh "$1/"
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
	find_programs tracers "bpftrace perf" bpftrace linux-perf
	# shellcheck disable=SC2034
	peers=$programs
}
