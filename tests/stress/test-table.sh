# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# More stacks than any table holds.

: "${STACKS:=100000}"

# $STACKS distinct ones; what finds no place is in the overflow, to the tick.
test_endless_distinct_stacks() {
	start_perftop table=1024 top="$ALL"
	begin_bracket
	"$HERE/abuse" stacks "$STACKS" >"$WORK/stacks" &
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
	equal "$(header stacks <"$PERFTOP")" 1024 stacks
	between 1 "$(account all OVERFLOW <"$WORK/end.3")" \
		"$(account all ELAPSED <"$WORK/end.3")" overflow
	equal "$(account all UNATTRIBUTED <"$WORK/end.3")" 0 unattributed
	# A reset makes room again.
	reset_perftop
	sleep 3
	reset_perftop
	sleep 1
	equal "$(account all OVERFLOW <"$ACCOUNTS")" 0 "overflow after a reset"
}
