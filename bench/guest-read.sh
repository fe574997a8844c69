#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# guest-read.sh: in the benchmark's guest, what loading, reading and unloading
# perftop take.
#
# Usage: guest-read.sh memory TABLE...
#        guest-read.sh read RECORDS TABLE
#        guest-read.sh forms RECORDS TABLE
#
# memory prints a line for each size of the table: the size, instructions and
# elapsed ns of insmod, the same of rmmod, KiB by the load message, and KiB that
# the kernel's own list of vmalloc areas says the module took.
# read prints one with the default rows, and one with all rows: the most rows,
# the records there, instructions of open, read and close, bytes that were read;
# and the first three again, for an open that follows at once.
# forms prints a line for each form that all stacks are read in: its file, the
# records there, instructions of open, read and close, bytes.

set -u
# shellcheck source-path=SCRIPTDIR source=guest-lib.sh
. ./guest-lib.sh

# In KiB; each area has a guard page.
vmalloced() {
	awk '/\[perftop\]/ { n += $2 - 4096 } END { print n / 1024 }' \
		/proc/vmallocinfo
}

# What the module's own code takes is no part of the table's memory.
message() {
	dmesg | sed -n 's/.*perftop: hook .* \([0-9]*\) KiB$/\1/p' | tail -n 1
}

memory() {
	for table; do
		loaded=$(./work command insmod perftop.ko "table=$table")
		areas=$(vmalloced)
		unloaded=$(./work command rmmod perftop)
		echo "$table $loaded $unloaded $(message) $areas"
	done
}

read_with() {
	insmod perftop.ko "table=$3" stack=kernel "top=$1"
	record_stacks "$2"
	first=$(./work read /proc/perftop)
	stacks=$(sed -n 's/^switches .* stacks \([0-9]*\).*/\1/p' /proc/perftop)
	second=$(./work read /proc/perftop)
	echo "$1 $stacks $first ${second% *}"
	rmmod perftop
}

# Frozen, so that they have the same rows.
read_forms() {
	insmod perftop.ko "table=$2" stack=kernel "top=1000000"
	record_stacks "$1"
	echo "filter comm=nobody" >/proc/perftop
	stacks=$(sed -n 's/^switches .* stacks \([0-9]*\).*/\1/p' /proc/perftop)
	for file in perftop perftop.d/folded perftop.d/stacks.json \
	    perftop.d/all.json; do
		echo "$file $stacks $(./work read "/proc/$file")"
	done
	rmmod perftop
}

insmod perftop_bench.ko
case $1 in
memory)
	shift
	memory "$@" ;;
forms)
	read_forms "$2" "$3" ;;
read)
	read_with 20 "$2" "$3"
	read_with 1000000 "$2" "$3" ;;
esac
