# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154
#
# Programs of Debian packages for a guest, with all the libraries they need. To
# be sourced by bash under "set -eu", after lib.sh.

# All that the packages need on a machine that has none, as apt says.
list_needed() {
	apt-get -s "${apt_options[@]}" -o Dir::State::status=/dev/null \
	    -o APT::Install-Recommends=0 install "$@" 2>/dev/null |
	    sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*/\1=\2/p'
}

download_needed() {
	local dir=$1 list

	shift
	mapfile -t list < <(list_needed "$@")
	if [ "${#list[@]}" = 0 ]; then
		apt_update
		mapfile -t list < <(list_needed "$@")
	fi
	[ "${#list[@]}" -gt 0 ] || die "apt knows no $*"
	download "$dir" "${list[@]}"
}

# copy_closure FROM TO PROGRAM...: the programs, and the libraries that the
# loader of their own distribution finds for them, nothing of this machine's.
copy_closure() {
	local from=$1 to=$2
	local library loader=lib64/ld-linux-x86-64.so.2 program
	local lib=lib/x86_64-linux-gnu path

	shift 2
	mkdir -p "$to/bin" "$to/lib64" "$to/$lib"
	cp -L "$from/$loader" "$to/$loader"
	for program; do
		path=$from/usr/bin/$program
		[ -e "$path" ] || path=$from/usr/sbin/$program
		cp -L "$path" "$to/bin/"
		"$from/$loader" --library-path "$from/usr/$lib:$from/$lib" \
		    --list "$path" |
		    sed -n 's/.* => \(\/.*\) (.*/\1/p'
	done | LC_ALL=C sort -u | while read -r library; do
		[ "${library#"$from"}" != "$library" ] ||
			die "a program needs $library"
		cp -L "$library" "$to/$lib/"
	done
}

# fetch_programs DIRECTORY 'PROGRAM...' PACKAGE...
fetch_programs() {
	local dir=$1 list name work=$1.new

	read -ra list <<<"$2"
	shift 2
	[ ! -d "$dir" ] || return 0
	say "fetching $*"
	rm -rf "$work"
	mkdir -p "$work/debs" "$work/tree" "$work/programs"
	download_needed "$work/debs" "$@"
	unpack "$work/debs" "$work/tree"
	# Later releases have nothing there but links, which no package brings.
	for name in lib lib64; do
		[ -e "$work/tree/$name" ] || ln -s "usr/$name" "$work/tree/$name"
	done
	copy_closure "$work/tree" "$work/programs" "${list[@]}"
	# What another version of these lines fetched goes.
	rm -rf "${dir%-*}"-????????????????
	mv "$work/programs" "$dir"
	rm -rf "$work"
}

# find_programs NAME 'PROGRAM...' PACKAGE...: set programs to a directory with
# the parts of a root file system, kept in the cache under that name. They are of
# the machine's release, or of use_suite's.
find_programs() {
	local hash

	hash=$({
		echo "$@" "${apt_options[@]}"
		cat "${BASH_SOURCE[0]}"
	} | sha256sum | cut -c 1-16)
	programs=$cache/programs/$1-$hash
	shift
	mkdir -p "$cache/programs"
	locked programs fetch_programs "$programs" "$@"
}
