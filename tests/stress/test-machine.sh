# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What may happen to a machine: CPUs that go, probes switched off, and the
# kernel's own tracers beside.

: "${TURNS:=5}" "${BUSY:=50}"

# All but the first CPU go and come back, beside readers and resets.
test_cpus_come_and_go() {
	need_cpus 2
	start_perftop
	some_load
	background sh -c "while :; do cat $PERFTOP; done"
	background sh -c "while :; do echo 0 >$PERFTOP; usleep 300000; done"
	for _ in $(seq "$TURNS"); do
		for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
			echo 0 >"$online"
			check_accounts
		done
		for online in /sys/devices/system/cpu/cpu[1-9]*/online; do
			echo 1 >"$online"
			check_accounts
		done
	done
	note "$TURNS turns of $((CPUS - 1)) CPUs"
	equal "$(account all UNCAPTURED <"$WORK/accounts")" 0 uncaptured
}

# And while the module comes and goes.
test_cpus_come_and_go_while_loading() {
	need_cpus 2
	some_load
	# shellcheck disable=SC2016
	background sh -c 'while :; do
		for on in 0 1; do
			echo $on >/sys/devices/system/cpu/cpu1/online
			usleep 100000
		done
	done'
	for i in $(seq $((TURNS * 4))); do
		start_perftop
		check_accounts
		usleep $((i * 7919 % 200000))
		stop_perftop
	done
	note "$((TURNS * 4)) loads"
}

# toggled FILE: a switch that disarms the probes, again and again. The header
# tells, and the accounts go on adding up.
toggled() {
	start_perftop hook=kprobe
	some_load
	for _ in $(seq "$TURNS"); do
		echo 0 >"$1"
		sleep 2
		check_accounts
		head -n 1 "$PERFTOP" >"$WORK/off"
		echo 1 >"$1"
		sleep 3
		head -n 1 "$PERFTOP" >"$WORK/on"
		check_accounts
		grep -q 'not armed' "$WORK/off" || fail "not told"
		grep -q 'not armed' "$WORK/on" && fail "not recovered"
	done
	note "$TURNS times"
}

# For so short that nobody notices, while tasks come and go unseen.
test_probes_off_for_a_moment() {
	start_perftop
	some_load
	for _ in $(seq $((TURNS * 20))); do
		echo 0 >"$PROBES_ON"
		echo 1 >"$PROBES_ON"
	done
	check_accounts
	note "$((TURNS * 20)) times"
}

test_kprobes_switched_off_and_on() {
	toggled "$PROBES_ON"
}

# Nobody switches ftrace off meanwhile, and everybody may between.
test_ftrace_switched_off_and_on() {
	some_load
	for _ in $(seq "$TURNS"); do
		start_perftop hook=kprobe
		if echo 0 2>/dev/null >"$FTRACE_ON"; then
			fail "ftrace can be switched off"
		fi
		sleep 1
		check_accounts
		stop_perftop
		echo 0 >"$FTRACE_ON"
		echo 1 >"$FTRACE_ON"
	done
	probe_as_others_do
	note "$TURNS times"
}

# Off at the moment of loading and of unloading.
test_kprobes_off_while_loading() {
	switch=$PROBES_ON
	some_load
	for _ in $(seq "$TURNS"); do
		echo 0 >"$switch"
		start_perftop hook=kprobe
		sleep 1
		check_accounts
		echo 1 >"$switch"
		sleep 1
		check_accounts
		echo 0 >"$switch"
		stop_perftop
		echo 1 >"$switch"
	done
}

# beside WHAT: a busy second and a half, with that; on a debug kernel, where every
# function that is traced takes its time, less.
beside() {
	begin_bracket
	busy "$BUSY"
	"$LOAD" pingpong $((40 * BUSY))
	sound "$1"
}

# On a debug kernel, where that takes minutes, the scheduler's functions alone.
trace_few() {
	[ "$BUSY" -lt 50 ] || return 0
	for glob in '*sched*' 'pick_*' 'finish_task_switch*'; do
		echo "$glob" >>"$TRACE/set_ftrace_filter"
	done
}

test_function_tracers_beside() {
	start_perftop
	trace_few
	for tracer in function function_graph; do
		echo $tracer >"$TRACE/current_tracer"
		beside "$tracer"
		echo nop >"$TRACE/current_tracer"
		beside nop
	done
	echo >"$TRACE/set_ftrace_filter"
}

# Others' probes on the same functions come and go, before and after perftop.
test_other_kprobes_beside() {
	pick=$(grep -m 1 -o 'pick_next_task_fair[^ ]*$' /proc/kallsyms)
	finish=$(grep -m 1 -o 'finish_task_switch[^ ]*$' /proc/kallsyms)
	{
		echo "p:pick $pick"
		echo "p:finish $finish"
		echo "r:left schedule"
	} >"$TRACE/kprobe_events"
	for _ in $(seq "$TURNS"); do
		echo 1 >"$TRACE/events/kprobes/enable"
		start_perftop
		beside "kprobes first"
		echo 0 >"$TRACE/events/kprobes/enable"
		beside "kprobes gone"
		echo 1 >"$TRACE/events/kprobes/enable"
		beside "kprobes last"
		stop_perftop
		echo 0 >"$TRACE/events/kprobes/enable"
	done
	echo >"$TRACE/kprobe_events"
}
