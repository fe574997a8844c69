# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Loading, resetting, unloading, and what may happen to a machine meanwhile.

: "${LOAD_ROUNDS:=20}" "${OFFLINES:=3}"

# zero_is_near: it is between here and starts_at_zero.
zero_is_near() {
	rate=$(khz <"$PERFTOP")
	cat "$HELPER" >"$WORK/before"
	from=$(uptime_us)
}

# starts_at_zero: the accounts hold no more time and no more switches than there
# have been since. That may be much where the host stops all.
starts_at_zero() {
	cat "$ACCOUNTS" >"$WORK/accounts"
	to=$(uptime_us)
	cat "$HELPER" >"$WORK/after"
	identity "$WORK/accounts"
	ticks=$(((to - from + 20000) * rate / 1000))
	cpu=0
	while [ $cpu -lt "$CPUS" ]; do
		between 0 "$(account $cpu ELAPSED <"$WORK/accounts")" \
			$((ticks + ticks / 100)) "cpu $cpu elapsed"
		between 0 "$(account $cpu SWITCHES <"$WORK/accounts")" \
			$(($(helper_switches $cpu <"$WORK/after") -
			   $(helper_switches $cpu <"$WORK/before"))) \
			"switches of cpu $cpu"
		cpu=$((cpu + 1))
	done
}

# But who has ended may still be on his way.
test_reset_starts_at_zero() {
	start_perftop
	busy 100
	zero_is_near
	reset_perftop
	starts_at_zero
	rows <"$PERFTOP" | grep 'load\[' | grep -v do_exit &&
		fail "rows of the past"
	true
}

test_reload_starts_at_zero() {
	start_perftop
	busy 100
	zero_is_near
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

load_is_seen() {
	cat "$PERFTOP" >"$WORK/perftop"
	rows <"$WORK/perftop" | grep -q '|load\['
}

test_unload_under_load() {
	yielding "$LOAD" messages 4 100000000
	yielding "$LOAD" hog
	for _ in 1 2 3 4 5; do
		start_perftop
		usleep 200000
		eventually load_is_seen
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
	yielding "$LOAD" messages 2 1000000
	listen
	for i in $(seq "$LOAD_ROUNDS"); do
		[ "$i" -ne 10 ] || memory >"$WORK/before"
		start_perftop
		[ $((i % 5)) -ne 0 ] || cat "$PERFTOP" >/dev/null
		stop_perftop
	done
	sleep 1
	# Less than one load in five takes.
	no_more_memory "$WORK/before" 2048
	grep perftop /proc/vmallocinfo | grep -v perftop_helper &&
		fail "memory of perftop"
	no_probes
	grep perftop /sys/devices/system/cpu/hotplug/states &&
		fail "a callback for CPUs that go"
	said | grep -v '^perftop: hook ' && fail "the log"
	true
}

# A CPU goes and comes back; its time away is nobody's.
test_cpu_offline_and_online() {
	need_cpus 2
	online=/sys/devices/system/cpu/cpu$LAST/online
	start_perftop
	helper burn red 20 0
	background "$LOAD" messages 2 1000000
	for _ in $(seq "$OFFLINES"); do
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
		equal "$(grep -o '^[0-9]*\*' "$WORK/before")" "$LAST*" \
			"which is marked"
		echo 1 >"$online"
		usleep 300000
		cat "$ACCOUNTS" >"$WORK/accounts"
		identity "$WORK/accounts"
		equal "$(header offline <"$PERFTOP")" 1 "were offline"
	done
	cat "$WORK/accounts"
	# Each time a second away, or more.
	between 0 "$(account "$LAST" ELAPSED <"$WORK/accounts")" \
		$(($(account 0 ELAPSED <"$WORK/accounts") -
		   $(khz <"$WORK/perftop") * OFFLINES * 950)) "its elapsed time"
	equal "$(account all UNCAPTURED <"$WORK/accounts")" 0 uncaptured
	reset_perftop
	grep '^[0-9]*\*' "$ACCOUNTS" && fail "marked, after a reset"
	true
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
	echo 0 >"$PROBES_ON"
	busy 50
	sleep 3
	head -n 3 "$PERFTOP"
	grep -q 'not armed' "$PERFTOP" || told=no
	cat "$ACCOUNTS" >"$WORK/accounts"
	echo 1 >"$PROBES_ON"
	identity "$WORK/accounts"
	equal "${told-yes}" yes "is it told"
	busy 50
	sleep 3
	head -n 3 "$PERFTOP"
	armed_again || fail "not armed in the end"
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
}

need_ftrace_switch() {
	[ -e "$FTRACE_ON" ] || skip "this kernel has no ftrace"
	# Since 7.3 it is refused at any time.
	echo 0 2>/dev/null >"$FTRACE_ON" ||
		skip "this kernel's ftrace cannot be switched off"
	echo 1 >"$FTRACE_ON"
}

# ftrace_off_fails: as long as probes are armed.
ftrace_off_fails() {
	if echo 0 >"$FTRACE_ON" 2>"$WORK/error"; then
		fail "ftrace can be switched off"
	fi
	grep -qi 'busy' "$WORK/error" || fail "$(cat "$WORK/error")"
	equal "$(cat "$FTRACE_ON")" 1 "ftrace is on"
}

# Off and on again, and somebody's kprobe after that: what went wrong with
# ftrace's records is told there.
ftrace_is_well() {
	echo 0 >"$FTRACE_ON"
	equal "$(cat "$FTRACE_ON")" 0 "ftrace is on"
	echo 1 >"$FTRACE_ON"
	probe_as_others_do
}

# A kprobe that goes while ftrace is off leaves it broken.
test_ftrace_stays_on_while_probes_are_armed() {
	need_ftrace_switch
	start_perftop hook=kprobe
	ftrace_off_fails
	first=$(account all SWITCHES <"$ACCOUNTS")
	# On one CPU both switch, each time.
	"$LOAD" -c "$LAST" pingpong 1000
	armed_again || fail "not armed"
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
	between $((first + 1000)) \
		"$(account all SWITCHES <"$WORK/accounts")" 1000000000 switches
	stop_perftop
	ftrace_is_well

	# Nor where it was never armed.
	start_perftop "pick=no_such_function" 2>"$WORK/error" &&
		fail "accepted"
	ftrace_is_well
}

# Nor do probes come while it is off, and what looks for functions harms nobody.
test_loading_while_ftrace_is_off() {
	need_ftrace_switch
	echo 0 >"$FTRACE_ON"
	listen
	start_perftop hook=kprobe 2>"$WORK/error" && fail "accepted"
	grep -qi 'busy' "$WORK/error" || fail "$(cat "$WORK/error")"
	said | tee "$WORK/log"
	equal "$(wc -l <"$WORK/log")" 1 "lines in the log"
	grep -q "^perftop: .*echo 1 > $FTRACE_ON" "$WORK/log" ||
		fail "the log does not say what to do"
	for hook in auto tracepoint; do
		listen
		start_perftop hook=$hook
		said | tee "$WORK/log"
		grep -q 'hook tracepoint' "$PERFTOP" || fail "hook=$hook"
		stop_perftop
	done
	echo 1 >"$FTRACE_ON"
	probe_as_others_do
	start_perftop hook=kprobe
	ftrace_off_fails
	stop_perftop
	ftrace_is_well
}
