# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
#
# What the benchmark's scripts in the guest share.

# record_stacks COUNT: let perftop record so many, by the warm-up of tree; few
# enough between two drains to have room in a shard. Two drains after one half
# of its keys was retired, that half takes new ones.
record_stacks() {
	first=0
	while [ "$first" -lt "$1" ]; do
		part=$(($1 - first < 500 ? $1 - first : 500))
		./work -d $part -f $first tree 1 >/dev/null
		for _ in 1 2 3 4; do
			cat /proc/perftop.d/accounts
		done >/dev/null
		first=$((first + part))
	done
}
