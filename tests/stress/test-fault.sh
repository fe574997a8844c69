# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Every allocation made to fail, one after the other. On a debug kernel only.

INJECT=/sys/kernel/debug

: "${SEED:=1}" "${FAULTS:=0}"

# Without these the allocations that may sleep would never fail.
prepare_faults() {
	[ -e /proc/self/fail-nth ] || skip "this kernel injects no faults"
	echo N >$INJECT/failslab/ignore-gfp-wait
	echo N >$INJECT/fail_page_alloc/ignore-gfp-wait
	echo N >$INJECT/fail_page_alloc/ignore-gfp-highmem
	echo 0 >$INJECT/fail_page_alloc/min-order
	echo 0 >$INJECT/failslab/verbose
	echo 0 >$INJECT/fail_page_alloc/verbose
}

nothing_left() {
	[ ! -e "$PERFTOP" ] || fail "$PERFTOP is there"
	[ ! -e /proc/perftop.d ] || fail "/proc/perftop.d is there"
	no_probes
	# And it can be loaded.
	start_perftop
	check_accounts
	stop_perftop
}

# failing ACT FILE [PARAMETERS]: $FAULTS of its allocations fail, or all. What
# the kernel says of some, with a stack, is no report; test-trouble.sh has
# quiet().
failing() {
	status=0
	quiet
	"$HERE/abuse" fail "$SEED" "$FAULTS" "$@" || status=$?
	loud
	return $status
}

# With a small table: a large one is more pages, not more places where they are
# asked for.
test_insmod_with_failing_allocations() {
	prepare_faults
	failing insmod "$HERE/stripped.ko" \
		"${PARAMETERS-} table=16 filter=comm=load"
	nothing_left
}

test_insmod_with_failing_allocations_tracepoint() {
	prepare_faults
	failing insmod "$HERE/stripped.ko" "hook=tracepoint table=16"
	nothing_left
}

test_open_and_read_with_failing_allocations() {
	prepare_faults
	start_perftop top="$ALL"
	busy 20
	for file in "$PERFTOP" /proc/perftop.d/*; do
		failing open "$file"
		failing read "$file"
		cat "$file" >/dev/null
	done
	check_accounts
}

# A reset allocates nothing, and so cannot fail.
test_reset_allocates_nothing() {
	prepare_faults
	start_perftop
	failing write "$PERFTOP" >"$WORK/said" && fail "it does"
	cat "$WORK/said"
	grep -q '^write: 0 of 0 ' "$WORK/said" || fail "it does"
	check_accounts
}

# Neither does a drain: its thread's first allocation is still to come.
test_drain_allocates_nothing() {
	prepare_faults
	start_perftop
	thread=$(grep -lx perftop /proc/[0-9]*/comm | cut -d/ -f3)
	echo 1 >"/proc/$thread/fail-nth"
	busy 50
	"$HERE/abuse" stacks 3000
	sleep 2
	equal "$(cat "/proc/$thread/fail-nth")" 1 "allocations to come"
	echo 0 >"/proc/$thread/fail-nth"
	between 100 "$(header switches <"$PERFTOP")" 1000000000 switches
}
