#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# guest-rows.sh: in the benchmark's guest, run each workload under each tracer,
# and bare before, between and after.
#
# Usage: guest-rows.sh [-b] [-d DISTINCT [-f]] ROUNDS 'WORKLOAD...' ROW...
#
#   -b            no bare runs
#   -d DISTINCT   tree, twigs and tall run through so many stacks
#   -f            let perftop record tree's stacks first
#
# Prints a line for each run: ROW WORKLOAD TICKS SWITCHES REMEMBERED, and after
# each row "dropped ROW COUNT"; - stands for what nobody says.

set -u
# shellcheck source-path=SCRIPTDIR source=guest-lib.sh
. ./guest-lib.sh
TRACING=/sys/kernel/tracing
SWITCH=$TRACING/events/sched/sched_switch
PROBE=/sys/module/perftop_bench/parameters/probe
OUT=/tmp/peer

bare=1
distinct=1
fill=0
while getopts bd:f option; do
	case $option in
	b)	bare=0 ;;
	d)	distinct=$OPTARG ;;
	f)	fill=1 ;;
	*)	exit 2 ;;
	esac
done
shift $((OPTIND - 1))
rounds=$1
workloads=$2
shift 2
dropped=-
remembered=-

# --- The tools ------------------------------------------------------------

start_perftop() {
	# shellcheck disable=SC2046
	insmod perftop.ko top=100000 $(echo "$1" | tr ,+ ' ,')
	dropped=0
}

# What the header says of the last run, or of all where it is not reset between.
# How many overflowed, a row has; no more are printed, since that takes long.
ask_perftop() {
	sed '/^$/q' /proc/perftop >$OUT
	! grep -q '^ticks  *[0-9]* + [0-9]* + [0-9]* + [1-9]' $OUT ||
		sed '/ \[overflow\]$/q' /proc/perftop >$OUT
	remembered=$(sed -n 's/^captures .*remembered \([0-9.]*\)%.*/\1/p' $OUT)
	[ "$fill" = 0 ] || dropped=0
	dropped=$((dropped + $(awk '
	/^switches / {
		for (i = 1; i < NF; i++)
			if ($i == "uncaptured" || $i == "missed")
				n += $(i + 1)
	}
	/ \[overflow\]$/ { n += $6 }
	END { print n + 0 }' $OUT)))
	! grep -q ' differ [1-9]' $OUT ||
		echo "guest-rows.sh: $1: $(grep ' differ ' $OUT)" >&2
}

# The time between a task's arrival and its leaving, as an event that is in the
# leaving task's stack.
start_hist_time() {
	echo 'slice u64 ticks' >$TRACING/synthetic_events
	echo 'hist:keys=stacktrace:vals=ticks' \
		>$TRACING/events/synthetic/slice/trigger
	echo 'hist:keys=next_pid:from=common_timestamp.usecs' >$SWITCH/trigger
	# shellcheck disable=SC2016
	echo 'hist:keys=prev_pid:ticks=common_timestamp.usecs-$from'\
':onmatch(sched.sched_switch).slice($ticks)' >>$SWITCH/trigger
}

# shellcheck disable=SC2016
stop_hist_time() {
	echo '!hist:keys=prev_pid:ticks=common_timestamp.usecs-$from'\
':onmatch(sched.sched_switch).slice($ticks)' >>$SWITCH/trigger
	echo '!hist:keys=next_pid:from=common_timestamp.usecs' >>$SWITCH/trigger
	echo '!hist:keys=stacktrace:vals=ticks' \
		>$TRACING/events/synthetic/slice/trigger
	echo '!slice u64 ticks' >>$TRACING/synthetic_events
}

# hist_drops FILE
hist_drops() {
	awk '$1 == "Dropped:" { n += $2 } END { print n + 0 }' "$1"
}

start_event() {
	echo >$TRACING/trace
	echo 1 >$TRACING/options/stacktrace
	echo 1 >$SWITCH/enable
}

stop_event() {
	echo 0 >$SWITCH/enable
	echo 0 >$TRACING/options/stacktrace
	dropped=$(cat $TRACING/per_cpu/cpu*/stats |
		awk '/^(overrun|dropped events|commit overrun):/ { n += $NF }
		     END { print n + 0 }')
	echo >$TRACING/trace
}

# bpftrace compiles for a while, and then says that it has attached.
start_bpftrace() {
	bpftrace -B none -e "BEGIN { printf(\"attached\\n\"); } $1" \
		>$OUT 2>&1 &
	peer=$!
	until grep -q attached $OUT; do
		kill -0 "$peer" 2>/dev/null || return 1
		sleep 0.1
	done
	sleep 1
}

stop_bpftrace() {
	kill -INT "$peer"
	wait "$peer"
	dropped=$(awk '/[Ll]ost/ { n += $2 } END { print n ? n : "-" }' $OUT)
}

ON_CPU='if (@from[cpu]) { @time[STACKS] = sum(nsecs - @from[cpu]); }
	@from[cpu] = nsecs;'

on_cpu() {
	echo "tracepoint:sched:sched_switch { $ON_CPU }" | sed "s/STACKS/$1/"
}

start_perf() {
	perf "$@" -o $OUT.data >$OUT 2>&1 &
	peer=$!
	sleep 2
	kill -0 "$peer"
}

stop_perf() {
	kill -INT "$peer"
	wait "$peer"
	dropped=$(perf report --stats -i $OUT.data 2>/dev/null | awk '
		$1 == "TOTAL" { known = 1 }
		$1 ~ /^LOST/ && $2 == "events:" { n += $3 }
		END { print known ? n + 0 : "-" }')
	rm -f $OUT.data
}

# --- The rows -------------------------------------------------------------

start() {
	case $1 in
	empty:*)	echo "${1#*:}" >$PROBE ;;
	perftop:*)	start_perftop "${1#*:}" ;;
	hist-count)	echo hist:keys=stacktrace >$SWITCH/trigger ;;
	hist-time)	start_hist_time ;;
	event)		start_event ;;
	bpf-empty)	start_bpftrace 'tracepoint:sched:sched_switch { }' ;;
	bpf-count)	start_bpftrace \
		'tracepoint:sched:sched_switch { @[kstack] = count(); }' ;;
	bpf-time)	start_bpftrace "$(on_cpu kstack)" ;;
	bpf-time-user)	start_bpftrace "$(on_cpu kstack,ustack)" ;;
	bpf-time-kprobe) start_bpftrace "
		kprobe:pick_next_task_fair { @stack[cpu] = kstack; }
		kprobe:finish_task_switch.isra.0 {
			$(echo "$ON_CPU" | sed 's/STACKS/@stack[cpu]/') }" ;;
	perf-sched)	start_perf sched record ;;
	perf-switch)	start_perf record -a -g -e sched:sched_switch ;;
	esac
}

# after each workload of a row
ask() {
	case $1 in
	perftop:*)	ask_perftop "$1" ;;
	esac
}

stop() {
	case $1 in
	empty:*)	echo none >$PROBE ;;
	perftop:*)	rmmod perftop ;;
	hist-count)	dropped=$(hist_drops $SWITCH/hist)
			echo '!hist:keys=stacktrace' >$SWITCH/trigger ;;
	hist-time)	dropped=$(hist_drops \
				$TRACING/events/synthetic/slice/hist)
			stop_hist_time ;;
	event)		stop_event ;;
	bpf-*)		stop_bpftrace ;;
	perf-*)		stop_perf ;;
	esac
}

# run ROW: all workloads
run() {
	zero=
	if [ "${1#perftop:}" != "$1" ]; then
		if [ "$fill" = 0 ]; then
			zero='-z /proc/perftop'
		else
			record_stacks "$distinct"
			grep -o 'stacks [0-9]*' /proc/perftop |
				sed 's/^/recorded /'
		fi
	fi
	for workload in $workloads; do
		# shellcheck disable=SC2086
		result=$(./work -n "$(nproc)" -d "$distinct" \
			$zero "$workload" "$rounds") || result='- -'
		ask "$1"
		echo "$1 $workload $result $remembered"
	done
}

# On a disk of memory, where nobody has to wait for a device.
mount_ext4() {
	while read -r module; do
		case $module in
		brd)	insmod brd.ko rd_nr=1 rd_size=32768 ;;
		*)	insmod "$module.ko" ;;
		esac || return
	done <ext4.modules
	zcat ext4.gz >/dev/ram0 &&
		mkdir /tmp/ext4 &&
		mount -t ext4 /dev/ram0 /tmp/ext4 &&
		chmod 1777 /tmp/ext4
}

for cpu in /sys/devices/system/cpu/cpu*/online; do
	[ "$(cat "$cpu" 2>/dev/null)" != 0 ] || echo 1 >"$cpu"
done
[ -e $PROBE ] || insmod perftop_bench.ko || exit
case $workloads in
*worst*)	insmod perftop_many.ko || exit ;;
esac
case $workloads in
*fsync*)	mount_ext4 || exit ;;
esac
[ $bare = 0 ] || run bare
for row; do
	remembered=-
	dropped=-
	if start "$row"; then
		run "$row"
		stop "$row"
		echo "dropped $row $dropped"
	else
		echo "guest-rows.sh: $row does not start" >&2
		[ ! -s $OUT ] || cat $OUT >&2
	fi
	remembered=-
	[ $bare = 0 ] || run bare
done
