# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What happens to a machine more rarely: live patches, modules that come and
# go, memory that runs out, sleep. test-machine.sh has beside().

: "${TURNS:=5}"

# A livepatch-like user on the same functions.
test_livepatch_like_beside() {
	for hook in kprobe tracepoint; do
		insmod "$HERE/perftop_rival.ko"
		start_perftop hook=$hook
		beside "rival first"
		rmmod perftop_rival
		beside "rival gone"
		insmod "$HERE/perftop_rival.ko"
		beside "rival last"
		between 1000 "$(cat /sys/module/perftop_rival/parameters/calls)" \
			1000000000 "calls of the rival"
		stop_perftop
		rmmod perftop_rival
	done
}

# Beside readers of all rows, whose frames may be in one that goes.
test_modules_come_and_go() {
	start_perftop top="$ALL" verify=1
	some_load
	background sh -c "while :; do cat $PERFTOP; done"
	for _ in $(seq $((TURNS * 10))); do
		insmod "$HERE/dummy.ko"
		rmmod dummy
	done
	check_accounts
	equal "$(header differ <"$PERFTOP")" 0 "captures that differ"
	note "$((TURNS * 10)) modules"
}

# The killer's own report shows a stack, which is no fault of anyone's.
quiet() {
	echo N >/sys/module/printk/parameters/ignore_loglevel
	dmesg -n 1
}

loud() {
	dmesg -n 8
	echo Y >/sys/module/printk/parameters/ignore_loglevel
}

# Memory runs out; whoever takes it is killed. Reads may fail meanwhile.
test_memory_runs_out() {
	start_perftop top="$ALL"
	some_load
	background sh -c "while :; do cat $PERFTOP; done"
	quiet
	killed=0
	for _ in 1 2 3; do
		"$HERE/abuse" eat >/dev/null 2>&1 || killed=$((killed + 1))
		check_accounts || break
	done
	loud
	note "killed $killed times"
	equal "$killed" 3 "killed for memory"
	check_accounts
	cat "$PERFTOP" >/dev/null
}

# The machine sleeps as far as it goes without being woken from outside, and
# then as deep as its clock wakes it from.
test_sleep_and_wake() {
	[ -e /sys/power/state ] || skip "this kernel does not suspend"
	start_perftop
	some_load
	slept=0
	for depth in freezer devices platform processors core; do
		grep -q "$depth" /sys/power/pm_test || continue
		echo $depth >/sys/power/pm_test
		if echo mem >/sys/power/state; then
			slept=$((slept + 1))
		fi
		check_accounts
		cat "$PERFTOP" >/dev/null
	done
	echo none >/sys/power/pm_test
	note "slept $slept times"
	between 1 "$slept" 5 "times slept"
	equal "$(account all UNCAPTURED <"$WORK/accounts")" 0 uncaptured
}
