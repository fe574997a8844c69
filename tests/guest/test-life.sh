# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Loading, resetting, unloading, and what may happen to a machine meanwhile.

: "${LOAD_ROUNDS:=30}"

# starts_at_zero: what the accounts hold is less than there was before.
starts_at_zero() {
	cat "$ACCOUNTS" >"$WORK/after"
	identity "$WORK/after"
	for column in ELAPSED RANKED SWITCHES; do
		between 0 "$(account all $column <"$WORK/after")" \
			$(($(account all $column <"$WORK/before") / 2)) $column
	done
}

test_reset_starts_at_zero() {
	start_perftop
	busy 100
	cat "$ACCOUNTS" >"$WORK/before"
	reset_perftop
	starts_at_zero
	rows <"$PERFTOP" | grep -q 'load\[' && fail "rows of the past"
	true
}

test_reload_starts_at_zero() {
	start_perftop
	busy 100
	cat "$ACCOUNTS" >"$WORK/before"
	stop_perftop
	start_perftop
	starts_at_zero
	equal "$(header opened <"$PERFTOP")" 1 opened
}

# A row whose task was seen before the reset only is gone for good.
test_reset_forgets_the_keys() {
	start_perftop top="$ALL"
	helper burn red 20 0
	sleep 1
	helper stop
	reset_perftop
	sleep 1
	rows <"$PERFTOP" | grep red_rest && fail "a row of the past"
	between 0 "$(header stacks <"$PERFTOP")" 1000 stacks
}

test_unload_under_load() {
	background "$LOAD" messages 4 100000000
	background "$LOAD" hog
	for _ in 1 2 3 4 5; do
		start_perftop
		cat "$PERFTOP" >/dev/null
		stop_perftop
	done
	[ ! -e "$PERFTOP" ] || fail "$PERFTOP is still there"
	[ ! -e /proc/perftop.d ] || fail "/proc/perftop.d is still there"
}

# The file is held open and half read while the module goes.
test_unload_with_a_reader_in_the_file() {
	start_perftop top="$ALL"
	busy 20
	exec 3<"$PERFTOP"
	dd bs=64 count=1 <&3 >/dev/null 2>&1
	stop_perftop
	grep -q '^perftop ' /proc/modules && fail "it is still loaded"
	cat <&3 >"$WORK/rest" 2>"$WORK/error" && fail "the rest could be read"
	cat "$WORK/error"
	equal "$(wc -c <"$WORK/rest")" 0 "bytes read after the end"
	exec 3<&-
	start_perftop
	cat "$PERFTOP" >/dev/null
}

# Show 4, second half. Memory is compared after some rounds, when what the
# kernel itself keeps of modules and probes has grown to its size.
test_many_loads_leave_nothing_behind() {
	helper burn red 20 0
	background "$LOAD" messages 2 1000000
	lines=$(dmesg | wc -l)
	for i in $(seq "$LOAD_ROUNDS"); do
		[ "$i" -ne 10 ] || memory >"$WORK/before"
		start_perftop
		[ $((i % 5)) -ne 0 ] || cat "$PERFTOP" >/dev/null
		stop_perftop
	done
	sleep 1
	memory >"$WORK/after"
	# Less than one load in five takes.
	no_more_memory "$WORK/before" "$WORK/after" 2048
	between $(($(figure MemAvailable "$WORK/before") - 8192)) \
		"$(figure MemAvailable "$WORK/after")" 1000000000 \
		"available, KiB"
	grep perftop /proc/vmallocinfo | grep -v perftop_helper &&
		fail "memory of perftop"
	no_probes
	grep perftop /sys/devices/system/cpu/hotplug/states &&
		fail "a callback for CPUs that go"
	said "$lines" | grep -v '^perftop: hook ' && fail "the log"
	true
}

# A CPU goes and comes back; its time away is nobody's.
test_cpu_offline_and_online() {
	need_cpus 2
	online=/sys/devices/system/cpu/cpu$LAST/online
	start_perftop
	helper burn red 20 0
	background "$LOAD" messages 2 1000000
	for _ in 1 2 3; do
		echo 0 >"$online"
		cat "$ACCOUNTS" >"$WORK/before"
		identity "$WORK/before"
		sleep 1
		cat "$ACCOUNTS" >"$WORK/after"
		cat "$PERFTOP" >"$WORK/perftop"
		for column in ELAPSED RANKED IDLE; do
			equal "$(account "$LAST" $column <"$WORK/after")" \
				"$(account "$LAST" $column <"$WORK/before")" \
				"$column while away"
		done
		[ -n "$(account "$LAST" ELAPSED <"$WORK/before")" ] ||
			fail "no line for the CPU that is away"
		echo 1 >"$online"
		usleep 300000
		cat "$ACCOUNTS" >"$WORK/accounts"
		identity "$WORK/accounts"
	done
	cat "$WORK/accounts"
	# Three seconds away, less than one of them in the hotplug itself.
	between 0 "$(account "$LAST" ELAPSED <"$WORK/accounts")" \
		$(($(account 0 ELAPSED <"$WORK/accounts") -
		   $(khz <"$WORK/perftop") * 2000)) "its elapsed time"
	equal "$(account all UNCAPTURED <"$WORK/accounts")" 0 uncaptured
}

# Loaded while a CPU is away.
test_cpu_online_after_load() {
	need_cpus 2
	online=/sys/devices/system/cpu/cpu$LAST/online
	echo 0 >"$online"
	start_perftop
	sleep 1
	echo 1 >"$online"
	"$LOAD" -c "$LAST" pingpong 1000
	cat "$ACCOUNTS" >"$WORK/accounts"
	cat "$WORK/accounts"
	identity "$WORK/accounts"
	between 1000 "$(account "$LAST" SWITCHES <"$WORK/accounts")" 1000000 \
		"switches of the CPU that came"
}

armed_again() {
	! grep -q 'not armed' "$PERFTOP"
}

# Probes that are switched off from outside fire no more, without an error.
test_disarmed_probes_are_told() {
	start_perftop
	busy 10
	armed_again || fail "not armed at first"
	echo 0 >/proc/sys/kernel/ftrace_enabled
	busy 50
	sleep 3
	head -n 3 "$PERFTOP"
	grep -q 'not armed' "$PERFTOP" || told=no
	cat "$ACCOUNTS" >"$WORK/accounts"
	echo 1 >/proc/sys/kernel/ftrace_enabled
	identity "$WORK/accounts"
	equal "${told-yes}" yes "is it told"
	busy 50
	sleep 3
	head -n 3 "$PERFTOP"
	armed_again || fail "not armed in the end"
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
}
