# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Every allocation made to fail, one after the other. On a debug kernel only.

FAULTS=/sys/kernel/debug

# Without these the allocations that may sleep would never fail.
prepare_faults() {
	[ -e /proc/self/fail-nth ] || skip "this kernel injects no faults"
	echo N >$FAULTS/failslab/ignore-gfp-wait
	echo N >$FAULTS/fail_page_alloc/ignore-gfp-wait
	echo N >$FAULTS/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$FAULTS/fail_page_alloc/min-order
	echo 0 >$FAULTS/failslab/verbose
	echo 0 >$FAULTS/fail_page_alloc/verbose
}

nothing_left() {
	[ ! -e "$PERFTOP" ] || fail "$PERFTOP is there"
	[ ! -e /proc/perftop.d ] || fail "/proc/perftop.d is there"
	[ ! -s /sys/kernel/debug/kprobes/list ] || fail "probes are there"
	# And it can be loaded.
	start_perftop
	check_accounts
	stop_perftop
}

test_insmod_with_failing_allocations() {
	prepare_faults
	"$HERE/abuse" fail insmod "$MODULE"
	nothing_left
}

test_insmod_with_failing_allocations_tracepoint() {
	prepare_faults
	"$HERE/abuse" fail insmod "$MODULE" hook=tracepoint
	nothing_left
}

test_open_and_read_with_failing_allocations() {
	prepare_faults
	start_perftop top="$ALL"
	busy 20
	for file in "$PERFTOP" /proc/perftop.d/*; do
		"$HERE/abuse" fail open "$file"
		"$HERE/abuse" fail read "$file"
		cat "$file" >/dev/null
	done
	check_accounts
}

# A reset allocates nothing, and so cannot fail.
test_reset_allocates_nothing() {
	prepare_faults
	start_perftop
	"$HERE/abuse" fail write "$PERFTOP" | tee "$WORK/said"
	grep -q '^write: 0 ' "$WORK/said" || fail "it does"
	check_accounts
}

# Neither does a drain: its thread's first allocation is still to come.
test_drain_allocates_nothing() {
	prepare_faults
	start_perftop
	thread=$(pgrep -x perftop)
	echo 1 >"/proc/$thread/fail-nth"
	busy 50
	"$HERE/abuse" stacks 3000
	sleep 2
	equal "$(cat "/proc/$thread/fail-nth")" 1 "allocations to come"
	echo 0 >"/proc/$thread/fail-nth"
	between 100 "$(header switches <"$PERFTOP")" 1000000000 switches
}
