# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the benchmarks share on the host: the programs that they run in a guest,
# and the peers. To be sourced by bash under "set -eu".

bench=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
# shellcheck source-path=SCRIPTDIR source=../scripts/lib.sh
. "$bench/../scripts/lib.sh"

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
	local module

	mkdir "$1"
	build_work "$1/work"
	module=$("$root/scripts/kernel" --build "$bench" "$2")
	cp "$module" "$bench"/guest-*.sh "$1/"
}

# guest OPTION... -- COMMAND...: with all of that directory, which is
# $tmp/guest.
guest() {
	local add=() file

	for file in "$tmp"/guest/*; do
		add+=(-a "$file")
	done
	attend "$root/scripts/guest" -k "${kernel:-6.1}" -t 1800 "${add[@]}" "$@"
}

# --- The peers -------------------------------------------------------------

peer_programs='bpftrace perf'
peer_packages=(bpftrace linux-perf)

# All packages that the peers need on a machine that has none, as apt says.
list_peers() {
	apt-get -s -o Dir::State::status=/dev/null \
	    -o APT::Install-Recommends=0 install "${peer_packages[@]}" \
	    2>/dev/null | sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p'
}

# Only for attend: exec_download DIRECTORY PACKAGE...; apt checks signatures.
# shellcheck disable=SC2317
exec_download() {
	cd "$1" || exit
	shift
	exec apt-get -qq -o APT::Sandbox::User=root download "$@" \
	    </dev/null >&2
}

download_peers() {
	local list

	mapfile -t list < <(list_peers)
	[ "${#list[@]}" -gt 0 ] && attend exec_download "$1" "${list[@]}"
}

# copy_closure FROM TO: the peers, and the libraries that the loader of their
# own distribution finds for them, nothing of this machine's.
copy_closure() {
	local library loader=lib64/ld-linux-x86-64.so.2 program
	local lib=lib/x86_64-linux-gnu

	mkdir -p "$2/bin" "$2/lib64" "$2/$lib"
	cp -L "$1/$loader" "$2/$loader"
	for program in $peer_programs; do
		cp -L "$1/usr/bin/$program" "$2/bin/"
		"$1/$loader" --library-path "$1/usr/$lib:$1/$lib" --list \
		    "$1/usr/bin/$program" | sed -n 's/.* => \(\/.*\) (.*/\1/p'
	done | LC_ALL=C sort -u | while read -r library; do
		[ "${library#"$1"}" != "$library" ] ||
			die "a peer needs $library"
		cp -L "$library" "$2/$lib/"
	done
}

fetch_peers() {
	local deb work=$cache/bench/.new

	[ ! -d "$peers" ] || return 0
	say "fetching the peers: ${peer_packages[*]}"
	rm -rf "$work"
	mkdir -p "$work/debs" "$work/tree" "$work/peers"
	download_peers "$work/debs" || {
		apt_update
		rm -f "$work/debs"/*
		download_peers "$work/debs"
	} || die "cannot fetch ${peer_packages[*]}"
	for deb in "$work"/debs/*.deb; do
		attend dpkg-deb -x "$deb" "$work/tree"
	done
	copy_closure "$work/tree" "$work/peers"
	# What an older version of this file fetched goes.
	rm -rf "$cache"/bench/peers-*
	mv "$work/peers" "$peers"
	rm -rf "$work"
}

# Set peers to a directory with the parts of a root file system.
find_peers() {
	# shellcheck disable=SC2034
	peers=$cache/bench/peers-$(sha256sum <"${BASH_SOURCE[0]}" | cut -c 1-16)
	locked peers fetch_peers
}
