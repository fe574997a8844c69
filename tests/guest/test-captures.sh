# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Is the stack that perftop finds at a pick the one by which the task leaves?
# The helper module has perftop's own files built in and compares switch by
# switch.

# captures WORD...: the figure behind the words in what the helper says.
captures() {
	sed -n "s/.*$1 \([0-9]*\).*/\1/p" "$WORK/helper"
}

# compared: every switch since "compare" had a capture, its own, and equal.
compared() {
	helper ignore
	grep -e equal -e absent -e captured -e stands "$HELPER" \
		>"$WORK/helper"
	cat "$WORK/helper"
	for pick in fair stop; do
		equal "$(captures "$pick equal [0-9]* different")" 0 \
			"$pick captures that differ"
	done
	equal "$(captures absent)" 0 "switches without a capture"
}

test_captures_equal_the_stack_left_by() {
	helper burn red 30 0
	helper fifo blue 10 "$LAST"
	helper compare
	background "$LOAD" fifo 50 20
	background "$LOAD" deadline 2000 10000
	background "$LOAD" -c "$LAST" hog
	background "$LOAD" -c "$LAST" hog
	background "$LOAD" deep 30
	busy 100
	"$LOAD" pingpong 5000
	busy 100
	compared
	between 5000 "$(captures "fair equal")" 100000000 "fair captures"
	between 100 "$(captures "stop equal")" 100000000 "stop captures"
	between 5000 "$(captures remembered)" 100000000 remembered
}

# The same while perftop is loaded, whose own probes are at the same places.
test_captures_beside_perftop() {
	start_perftop
	helper burn red 30 0
	helper compare
	busy 100
	"$LOAD" pingpong 5000
	compared
	between 5000 "$(captures "fair equal")" 100000000 "fair captures"
}

# many: the loads whose tasks leave by many ways, once.
many() {
	"$LOAD" datagrams "$1" & set -- "$1" $!
	"$LOAD" renames "$1" & set -- "$@" $!
	"$LOAD" futexes "$1" & set -- "$@" $!
	"$LOAD" pingpong "$1" & set -- "$@" $!
	"$LOAD" -c "$LAST" pingpong32 "$1" & set -- "$@" $!
	"$LOAD" messages 4 "$(($1 / 20))" & set -- "$@" $!
	shift
	wait "$@"
}

# verified: $CAPTURES at the least were verified, of which many were remembered,
# and none differs.
verified() {
	while :; do
		cat "$PERFTOP" >"$WORK/perftop"
		[ "$(header captures <"$WORK/perftop")" -lt \
			"${CAPTURES:-8000}" ] || break
		many 4000
	done
	grep '^captures' "$WORK/perftop"
	equal "$(header differ <"$WORK/perftop")" 0 "captures that differ"
	between 30 "$(header remembered <"$WORK/perftop" | cut -d. -f1)" 100 \
		"remembered, %"
}

# perftop's own word for it: verify=1 unwinds all the same, and compares. The
# hogs rest when they have been seen, and leave the CPUs to what switches.
test_remembered_unwinds_verify() {
	ip link set lo up
	start_perftop verify=1
	helper burn red 30 0
	background "$LOAD" deadline 2000 10000
	background "$LOAD" -c "$LAST" hog
	one=$!
	background "$LOAD" -c "$LAST" hog
	two=$!
	busy 100
	"$LOAD" pingpong 5000
	busy 100
	stop_task "$one"
	stop_task "$two"
	verified
}

# The way into the kernel that 32-bit programs take moves the stack as well. Each
# hands the byte on and waits for it: all switch.
test_calls_of_32_bit_programs_are_remembered() {
	start_perftop verify=1
	"$LOAD" -c "$LAST" pingpong32 100
	reset_perftop
	"$LOAD" -c "$LAST" pingpong32 4000
	cat "$PERFTOP" >"$WORK/perftop"
	grep '^captures' "$WORK/perftop"
	between 7500 "$(header captures <"$WORK/perftop")" 1000000 captures
	equal "$(header differ <"$WORK/perftop")" 0 "captures that differ"
	# Where the host takes its time, others leave more often meanwhile.
	between 95 "$(header remembered <"$WORK/perftop" | cut -d. -f1)" 100 \
		"remembered, %"
}

# captured NUMBER: so many captures have been taken.
captured() {
	[ "$(header captures <"$PERFTOP")" -ge "$1" ]
}

# rest: a second, and as long as it takes to remember again what is often left by.
rest() {
	captures=$(header captures <"$PERFTOP")
	sleep 1
	eventually captured $((captures + 500))
}

# disturb: a module comes and goes, and return addresses are replaced in the
# paths that tasks leave by, of one function and of all that another calls. But
# 7.2's own unwinder, whoever asks it, a stacktrace trigger as well, may then
# report return_to_handler, where the function graph tracer takes a return.
disturb() {
	tracer=function_graph
	case $(uname -r) in
	7.*) tracer=nop ;;
	esac
	echo 'r:left vfs_read' >"$TRACE/kprobe_events"
	echo ksys_read >"$TRACE/set_graph_function"
	while :; do
		echo 1 >"$TRACE/events/kprobes/left/enable"
		echo "$tracer" >"$TRACE/current_tracer"
		insmod "$HERE/dummy.ko"
		rest
		untrace
		rmmod dummy
		rest
	done
}

test_remembered_unwinds_verify_disturbed() {
	ip link set lo up
	start_perftop verify=1
	helper burn red 10 0
	# shellcheck disable=SC2016
	background sh -c '. "$HERE/lib.sh"; . "$HERE/test-captures.sh"; disturb'
	background "$LOAD" -c "$LAST" hog
	background "$LOAD" fork 100000000
	many 4000
	verified
}
