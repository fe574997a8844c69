# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# A kernel that watches itself: what it says without perftop, and what it has
# seen when all other tests have run.

LEAKS=/sys/kernel/debug/kmemleak
RACES=/sys/kernel/debug/kcsan

# What it reports here is its own.
test_control() {
	background "$LOAD" messages 2 100000000
	background "$LOAD" fork 100000000
	background "$LOAD" futexes 100000000
	background "$LOAD" fifo 50 10
	for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
		echo 0 >"$online"
		sleep 1
		echo 1 >"$online"
	done
	for switch in /proc/sys/kernel/ftrace_enabled \
		/sys/kernel/debug/kprobes/enabled; do
		echo 0 >"$switch"
		sleep 1
		echo 1 >"$switch"
	done
	insmod "$HERE/dummy.ko"
	sleep 2
}

a_race_is_found() {
	helper race
	dmesg | grep 'KCSAN: data-race in race_run \[perftop_helper\]'
}

# It looks for races, and finds one where there is one: here and there, and where
# both run at the same time.
test_a_race_is_found() {
	[ -e "$RACES" ] || skip "this kernel does not look for races"
	for _ in $(seq 30); do
		! a_race_is_found || found=yes
		[ -z "${found-}" ] || break
	done
	equal "${found-no}" yes "$(cat "$RACES")"
	note "$(sed -n 's/^setup_\(watchpoints\): /\1 set up: /p' "$RACES")"
}

# A report would have switched it off.
test_lockdep_is_still_on() {
	[ -e /proc/lockdep_stats ] || skip "this kernel has no lockdep"
	grep -q '^ *debug_locks: *1$' /proc/lockdep_stats ||
		fail "$(cat /proc/lockdep_stats)"
	note "$(sed -n 's/^ *\(direct dependencies\)/\1/p' /proc/lockdep_stats)"
}

# Memory is not reported before it is five seconds old and has been scanned
# twice, and what is found unreferenced then may have been on its way. What has
# leaked stays so.
test_nothing_has_leaked() {
	[ -e "$LEAKS" ] || skip "this kernel has no kmemleak"
	sleep 6
	echo scan >"$LEAKS"
	echo scan >"$LEAKS"
	for _ in 1 2 3; do
		grep -q ^unreferenced "$LEAKS" || break
		sleep 1
		echo scan >"$LEAKS"
	done
	cat "$LEAKS"
	equal "$(grep -c '^unreferenced' "$LEAKS")" 0 leaks
}
