# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Loading and unloading while everything else happens.

: "${STRESS_ROUNDS:=100}" "${UNLOADS:=10}"

# some_load: switches, forks, exits and futexes.
some_load() {
	yielding "$LOAD" messages 2 100000000
	yielding "$LOAD" fork 100000000
	yielding "$LOAD" futexes 100000000
}

# everything: switches, forks, execs, exits, signals, futexes and real time,
# for as long as the test lasts. It takes all the time there is, and gives way
# to what is tested.
everything() {
	some_load
	background "$LOAD" fifo 50 10
	yielding "$HERE/abuse" signals 100000000
	yielding sh -c "while :; do $HERE/abuse execs 100; done"
}

# readers: two that read and one that resets, whether perftop is there or not.
readers() {
	background sh -c "while :; do cat $PERFTOP; done"
	background sh -c "while :; do cat $ACCOUNTS; usleep 20000; done"
	background sh -c "while :; do echo 0 >$PERFTOP; usleep 50000; done"
}

# $STRESS_ROUNDS: how often to load and unload.
test_many_rounds_under_load() {
	everything
	readers
	for i in $(seq "$STRESS_ROUNDS"); do
		case $((i % 4)) in
		0) start_perftop ;;
		1) start_perftop hook=tracepoint top="$ALL" ;;
		2) start_perftop table=16 stack=kernel ;;
		3) start_perftop verify=1 stack=user idle=1 ;;
		esac
		[ $((i % 8)) -ge 4 ] || usleep $((i * 7919 % 100000))
		if [ $((i % 10)) = 0 ]; then
			check_accounts
		fi
		stop_perftop
	done
	note "$STRESS_ROUNDS rounds"
}

# At $UNLOADS points of the second between two drains, with much to drain.
test_unload_during_a_drain() {
	everything
	for i in $(seq "$UNLOADS"); do
		start_perftop table=65536
		"$HERE/abuse" stacks 500 >/dev/null
		usleep $((i * 1000000 / UNLOADS))
		stop_perftop
	done
	note "$UNLOADS unloads"
}

# Files that are held open and half read while the module goes; one reader
# is within read(), the others between two.
test_unload_with_open_readers() {
	everything
	background sh -c "while :; do dd if=$PERFTOP bs=1; done"
	for _ in $(seq "$UNLOADS"); do
		start_perftop top="$ALL"
		background sh -c "cat $PERFTOP; sleep 100"
		exec 3<"$PERFTOP" 4<"$ACCOUNTS"
		dd bs=16 count=3 <&3 >/dev/null 2>&1
		stop_perftop
		cat <&3 >/dev/null 2>&1 && fail "the rest could be read"
		cat <&4 >/dev/null 2>&1 && fail "the accounts could be read"
		exec 3<&- 4<&-
	done
	note "$UNLOADS unloads"
}
