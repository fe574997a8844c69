#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# guest-holds.sh: in the benchmark's guest, for how long perftop holds its lock.
#
# Usage: guest-holds.sh RECORDS
#
# So many distinct stacks are recorded, by all CPUs in turn. Prints a line for each
# thing that is done then: WHAT ROWS HOLDS TICKS, where ROWS are those that the table
# has, TICKS the longest hold.

set -u
# shellcheck source-path=SCRIPTDIR source=guest-lib.sh
. ./guest-lib.sh
LOCK=/sys/module/perftop_bench/parameters/lock

begin() {
	sed -n 's/^\([0-9a-f]*\) . perftop_lock.*/\1/p' /proc/kallsyms >$LOCK
}

# end WHAT
end() {
	read -r ticks holds <$LOCK
	echo "$1 $(sed -n '/^switches /{s/.* stacks \([0-9]*\).*/\1/p;q}' /proc/perftop)" \
	    "$holds $ticks"
	begin
}

# go_to CPU: all go there who do anything: what another CPU does while one has the
# lock would be counted.
go_to() {
	for pid in $$ $drainer $reader; do
		taskset -p "$(printf %x $((1 << $1)))" "$pid" >/dev/null
	done
}

# record COUNT FIRST: those stacks on each CPU its part, so that all shards have some.
record() {
	part=$(($1 / cpus))
	cpu=0
	while [ $cpu -lt "$cpus" ]; do
		go_to $cpu
		./work -c $cpu -d $part -f $(($2 + cpu * part)) tree 1
		cpu=$((cpu + 1))
	done >/dev/null
}

# others ONLINE: all CPUs but the first.
others() {
	for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
		echo "$1" >"$online"
	done
}

# look FILE: all of it is copied, and little printed, for which no lock is held.
look() {
	head -n 1 "$1" >/dev/null
}

others 1
cpus=$(nproc)
insmod perftop_bench.ko
insmod perftop.ko table=1048576 stack=kernel top=1000000
drainer=$(pidof perftop)
reader=
begin
record "$1" 0
end recording
look /proc/perftop.d/accounts
end accounts
look /proc/perftop
end all-rows
look /proc/perftop.d/folded
end folded
# What all CPUs have charged is left to a cut: it is new, and then it is not. Who
# drains hardly gets a CPU.
renice -n 19 -p "$drainer"
for _ in 1 2 3; do
	record $((cpus * 900)) "$1"
	look /proc/perftop.d/accounts
done
renice -n -19 -p "$drainer"
end cut-of-many
# While copies are made all records change once more. Whoever reads starts no other
# process.
while read -r _ </proc/perftop.d/folded; do :; done &
reader=$!
record "$1" 0
end changing-while-read
kill $reader
wait $reader 2>/dev/null
reader=
go_to 0
others 0
end hotplug
others 1
end hotplug-back
echo 0 >/proc/perftop
end reset
identity=$(awk '$1 == "all" { print $2 - $3 - $4 - $5 - $6 - $7 - $8 - $9 }' \
    /proc/perftop.d/accounts)
echo "identity $identity 0 0"
