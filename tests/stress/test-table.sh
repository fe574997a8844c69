# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# More stacks than any table holds.

: "${STACKS:=100000}"

# $STACKS distinct ones: what gives way to others is in their row, to the tick. On one
# CPU both who write and who answer switch, each time.
test_endless_distinct_stacks() {
	start_perftop table=1024 top="$ALL"
	begin_bracket
	taskset 1 "$HERE/abuse" stacks "$STACKS" >"$WORK/stacks" &
	writer=$!
	while kill -0 "$writer" 2>/dev/null; do
		check_accounts
		sleep 1
	done
	wait "$writer"
	cat "$WORK/stacks"
	end_bracket
	identity "$WORK/end.3"
	cat "$WORK/end.3"
	between "$((2 * STACKS))" "$(account all SWITCHES <"$WORK/end.3")" \
		"$((20 * STACKS))" switches
	cat "$PERFTOP" >"$WORK/perftop"
	# A sixteenth has made room at once.
	between 896 "$(header stacks <"$WORK/perftop")" 1024 stacks
	# Where who answers comes before the read, that one need not wait.
	between 1 "$(header moved <"$WORK/perftop")" $((20 * STACKS)) moved
	rows <"$WORK/perftop" | grep -qF '|[others]|' || fail "no others"
	equal "$(account all OVERFLOW <"$WORK/end.3")" 0 overflow
	equal "$(account all UNATTRIBUTED <"$WORK/end.3")" 0 unattributed
	reset_perftop
	equal "$(header moved <"$PERFTOP")" "" "moved after a reset"
}
