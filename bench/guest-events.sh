#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# guest-events.sh: in the benchmark's guest, let each event happen under each tool,
# and bare before, between and after.
#
# Usage: guest-events.sh COUNT 'EVENT...' ROW...
#
# Prints a line for each run, EVENT ROW INSTRUCTIONS; before that, for each view,
# "probes VIEW", and on which tracepoints it has them, or "lacks VIEW", where perftop
# has no such view.

set -u
TRACING=/sys/kernel/tracing
RAISE=/sys/module/perftop_raise/parameters
OUT=/tmp/peer

count=$1
events=$2
shift 2

# --- What the tools are told -----------------------------------------------

view_of() {
	case $1 in
	call)	echo syscalls ;;
	fault)	echo faults ;;
	*)	echo irqs ;;
	esac
}

# Those of ftrace, the one that the event ends with first.
traced() {
	case $1 in
	device)	echo irq/irq_handler_exit irq/irq_handler_entry ;;
	vector)	echo irq_vectors/irq_work_exit irq_vectors/irq_work_entry ;;
	softirq) echo irq/softirq_exit irq/softirq_entry irq/softirq_raise ;;
	call)	echo raw_syscalls/sys_exit raw_syscalls/sys_enter ;;
	fault)	echo exceptions/page_fault_user ;;
	esac
}

key_of() {
	case $1 in
	device)	echo irq ;;
	vector)	echo vector ;;
	softirq) echo vec ;;
	call)	echo id ;;
	fault)	echo common_pid ;;
	esac
}

# What bpftrace counts by, and where what it times begins.
bpf_key() {
	case $1 in
	fault)	echo pid ;;
	*)	echo "args->$(key_of "$1")" ;;
	esac
}

bpf_place() {
	case $1 in
	call)	echo tid ;;
	*)	echo cpu ;;
	esac
}

trigger() {
	echo "$TRACING/events/$(traced "$1" | cut -d ' ' -f 1)/trigger"
}

tracepoint() {
	echo "tracepoint:$1" | tr / :
}

bpf_count() {
	echo "$(tracepoint "$(traced "$1" | cut -d ' ' -f 1)")" \
	    "{ @[$(bpf_key "$1")] = count(); }"
}

# A fault has no end.
bpf_time() {
	[ "$1" != fault ] || return
	echo "$(tracepoint "$(traced "$1" | cut -d ' ' -f 2)")" \
	    "{ @from[$(bpf_place "$1")] = nsecs; }" \
	    "$(tracepoint "$(traced "$1" | cut -d ' ' -f 1)")" \
	    "/@from[$(bpf_place "$1")]/" \
	    "{ @[$(bpf_key "$1")] = hist(nsecs - @from[$(bpf_place "$1")]);" \
	    "delete(@from[$(bpf_place "$1")]); }"
}

# --- The tools -------------------------------------------------------------

has_view() {
	grep -q "^$1 " /proc/perftop.d/views
}

start_perftop() {
	insmod perftop.ko || return
	if [ -n "$1" ]; then
		has_view "$1" && echo "+$1" >/proc/perftop || return
	fi
	sleep 2
}

# find_probes VIEW: the tracepoints that the view has probes on. Two probes on one
# are named twice.
find_probes() {
	insmod perftop.ko || return
	cat $RAISE/used >/tmp/used
	if has_view "$1"; then
		echo "+$1" >/proc/perftop
		awk 'FILENAME == ARGV[1] { off[$0]++; next } off[$0]-- < 1' \
		    /tmp/used $RAISE/used >"/tmp/probes.$1"
		# shellcheck disable=SC2046
		echo probes "$1" $(cat "/tmp/probes.$1")
	else
		echo "lacks $1"
	fi
	rmmod perftop
}

switch_events() {
	for each in $(traced "$2"); do
		echo "$1" >"$TRACING/events/$each/enable"
	done
}

# bpftrace compiles for a while, and then says that it has attached.
start_bpftrace() {
	[ -n "$1" ] || return
	bpftrace -B none -e "BEGIN { printf(\"attached\\n\"); } $1" >$OUT 2>&1 &
	peer=$!
	until grep -q attached $OUT; do
		kill -0 "$peer" 2>/dev/null || return
		sleep 0.1
	done
	sleep 1
}

start_tool() {
	"$@" >$OUT 2>&1 &
	peer=$!
	sleep 3
	kill -0 "$peer"
}

start_bcc() {
	case $1 in
	device)	start_tool hardirqs ;;
	softirq) start_tool softirqs ;;
	call)	start_tool syscount -L ;;
	*)	return 1 ;;
	esac
}

start_perf() {
	start_tool perf record -a -o $OUT.data \
	    -e "$(traced "$1" | tr '/ ' ':,')"
}

stop_tool() {
	kill -INT "$peer"
	wait "$peer"
	rm -f $OUT.data
}

# --- The rows --------------------------------------------------------------

# start ROW EVENT: whether there is such a thing
start() {
	: >$OUT
	case $1 in
	empty)		cat "/tmp/probes.$(view_of "$2")" >$RAISE/empty ;;
	off)		start_perftop '' ;;
	on)		start_perftop "$(view_of "$2")" ;;
	events)		switch_events 1 "$2" ;;
	hist)		echo "hist:keys=$(key_of "$2")" >"$(trigger "$2")" ;;
	bpf-count)	start_bpftrace "$(bpf_count "$2")" ;;
	bpf-time)	start_bpftrace "$(bpf_time "$2")" ;;
	bcc)		start_bcc "$2" ;;
	perf)		start_perf "$2" ;;
	esac
}

stop() {
	case $1 in
	empty)		echo >$RAISE/empty ;;
	off | on)	rmmod perftop ;;
	events)		switch_events 0 "$2"
			echo >$TRACING/trace ;;
	hist)		echo "!hist:keys=$(key_of "$2")" >"$(trigger "$2")" ;;
	*)		stop_tool >/dev/null 2>&1 ;;
	esac
}

# applies ROW EVENT
applies() {
	case $1:$2 in
	empty:* | on:*)	[ -e "/tmp/probes.$(view_of "$2")" ] ;;
	bcc:vector | bcc:fault | bpf-time:fault)	false ;;
	# Where perf and bpf would raise it again, the kernel keeps them off.
	bpf-*:vector | perf:vector)	false ;;
	esac
}

run() {
	echo "$2 $1 $(./events "$2" "$count")"
}

run_row() {
	applies "$1" "$2" || return 0
	if start "$1" "$2"; then
		run "$1" "$2"
		stop "$1" "$2"
	else
		echo "guest-events.sh: $1 does not start for $2" >&2
		cat $OUT >&2
	fi
	run bare "$2"
}

insmod perftop_raise.ko || exit
# What a kernel does behind its boot.
sleep 30
for view in $(for event in $events; do view_of "$event"; done | sort -u); do
	find_probes "$view"
done
for event in $events; do
	run bare "$event"
	for row; do
		run_row "$row" "$event"
	done
done
