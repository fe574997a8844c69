# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# perf and bpftrace beside perftop, on the same functions, each first once.
# test-machine.sh has beside().

: "${TURNS:=2}"

# wait_for FILE WORD: a tracer has begun.
wait_for() {
	for _ in $(seq 600); do
		! grep -q "$2" "$1" || return 0
		usleep 100000
	done
	fail "$2 is not in: $(cat "$1")"
}

start_perf() {
	background perf record -a -g -F 500 -o "$WORK/perf.data" \
		-e cpu-clock -e sched:sched_switch
	perf=$!
	until [ -s "$WORK/perf.data" ]; do
		kill -0 "$perf" || fail "perf has ended"
		usleep 100000
	done
}

# On every function that perftop probes, and on the tracepoint.
start_bpftrace() {
	finish=$(grep -m 1 -o 'finish_task_switch[^ ]*$' /proc/kallsyms)
	setsid bpftrace -e "
		BEGIN { printf(\"begun\n\"); }
		kprobe:pick_next_task_fair { @pick[kstack] = count(); }
		kprobe:$finish { @finish = count(); }
		tracepoint:sched:sched_switch { @[kstack, ustack] = count(); }" \
		>"$WORK/bpftrace" 2>&1 &
	echo $! >>"$WORK/background"
	wait_for "$WORK/bpftrace" begun
}

tracers_end() {
	while read -r pid; do
		kill -INT -"$pid" || true
	done <"$WORK/background"
	wait
	rm "$WORK/background"
}

# tracer NAME: first, gone, last, and still there when perftop goes.
tracer() {
	command -v "$1" >/dev/null || skip "no $1 in this guest"
	for hook in kprobe tracepoint; do
		"start_$1"
		start_perftop hook=$hook
		beside "$1 first"
		tracers_end
		beside "$1 gone"
		"start_$1"
		beside "$1 last"
		stop_perftop
		tracers_end
	done
}

test_perf_beside() { tracer perf; }
test_bpftrace_beside() { tracer bpftrace; }
