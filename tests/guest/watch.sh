# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What a kernel that watches itself has seen, all other tests having run.

LEAKS=/sys/kernel/debug/kmemleak

# A report would have switched it off.
test_lockdep_is_still_on() {
	[ -e /proc/lockdep_stats ] || skip "this kernel has no lockdep"
	grep -q '^ *debug_locks: *1$' /proc/lockdep_stats ||
		fail "$(cat /proc/lockdep_stats)"
	note "$(sed -n 's/^ *\(direct dependencies\)/\1/p' /proc/lockdep_stats)"
}

# Memory is not reported before it is five seconds old, and what is found
# unreferenced once may have been on its way.
test_nothing_has_leaked() {
	[ -e "$LEAKS" ] || skip "this kernel has no kmemleak"
	sleep 6
	for _ in 1 2 3; do
		echo scan >"$LEAKS"
		sleep 1
	done
	cat "$LEAKS"
	equal "$(grep -c '^unreferenced' "$LEAKS")" 0 leaks
}
