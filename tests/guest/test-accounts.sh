# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Is every tick somewhere, and every switch seen?

# The window of the switch counts, in rounds of pingpong: four switches or
# two for each, as they share a CPU or not.
: "${ROUNDS:=20000}"

take_accounts() {
	check_accounts
	cat "$WORK/accounts"
}

test_identity_idle() {
	start_perftop
	sleep 2
	take_accounts
}

# Show 3, first half.
test_identity_under_load() {
	start_perftop
	helper burn red 30 0
	helper fifo blue 10 "$LAST"
	background "$LOAD" deadline 2000 10000
	background "$LOAD" messages 8 1000000
	for _ in 1 2 3; do
		"$LOAD" fork 20
		take_accounts
	done
	equal "$(account all UNCAPTURED <"$WORK/accounts")" 0 uncaptured
	equal "$(account all UNATTRIBUTED <"$WORK/accounts")" 0 unattributed
}

# On every CPU, in 16 stacks' room: those that there is no more room for are one row.
test_identity_when_the_table_is_full() {
	start_perftop table=16 top="$ALL"
	busy 50
	take_accounts
	cat "$PERFTOP" >"$WORK/perftop"
	moved=$(rows <"$WORK/perftop" | grep -F '|[others]|' | sum "$TICKS")
	between 1 "$moved" "$(account all ELAPSED <"$WORK/accounts")" others
	[ "$(header moved <"$WORK/perftop")" -gt 0 ] || fail "nothing has moved"
	between 1 "$(header stacks <"$WORK/perftop")" 16 stacks
}

# Processes without end have made the tables full: who comes then is seen, in both.
test_who_comes_late_is_on_top() {
	start_perftop table=256 views=tasks
	for _ in $(seq 40); do
		for _ in 1 2 3 4 5 6 7 8 9 10; do
			"$LOAD" brief 1 &
		done
		wait
	done
	[ "$(header moved <"$PERFTOP")" -gt 0 ] || fail "nothing has moved"
	helper burn red 90 "$LAST"
	eventually red_is_on_top
	check_accounts
	equal "$(account all OVERFLOW <"$WORK/accounts")" 0 overflow
	grep -q '\[others\]' "$VIEWS/tasks" || fail "no others"
	# Of what was moved there is no rate.
	grep '"is":"others"' "$VIEWS/tasks.json" >"$WORK/others" ||
		fail "no others in JSON"
	equal "$(json_column switch_rate <"$WORK/others")" null "rate of others"
}

# Who asks for it makes others as well.
red_is_on_top() {
	sed -n '/^ *PID/,$p' "$VIEWS/tasks" | grep -v '\[others\]' | sed -n 2p |
		grep -q ' red' &&
		rows <"$PERFTOP" | grep -vF '[others]' | head -n 1 | grep -q red
}

test_identity_after_reset() {
	start_perftop
	busy 20
	reset_perftop
	busy 20
	take_accounts
}

# One snapshot, all of its rows: they are the header's figures, to the tick.
test_rows_add_up_to_the_header() {
	start_perftop top="$ALL" table=16
	busy 50
	cat "$PERFTOP" >"$WORK/perftop"
	rows <"$WORK/perftop" >"$WORK/rows"
	grep ^ticks "$WORK/perftop" >"$WORK/ticks"
	cat "$WORK/ticks"
	read -r _ tasks _ running _ idle _ overflow _ unattributed _ all \
		<"$WORK/ticks"
	equal $((tasks + running + idle + overflow + unattributed)) "$all" \
		"the header's sum"
	equal "$(grep -F '] (running)|' "$WORK/rows" | sum "$TICKS")" "$running" \
		running
	equal "$(grep -F '|[overflow]|' "$WORK/rows" | sum "$TICKS")" "$overflow" \
		overflow
	equal "$(grep -vF -e '] (running)|' -e '|[overflow]|' "$WORK/rows" |
		sum "$TICKS")" "$tasks" tasks
}

# up FILE: the header's clock, in ticks.
up() {
	awk -v up="$(header up <"$1")" -v khz="$(khz <"$1")" \
		'BEGIN { printf "%.0f", up * khz * 1000 }'
}

# Each CPU's elapsed time is that of the header's clock, read before, whose last
# digit is a thousandth at the most; and of the loading no more than that took, by
# the kernel's clock.
test_elapsed_is_the_time_up() {
	from=$(uptime_us)
	start_perftop
	sleep 2
	"$LOAD" snap "$WORK/snap" "$PERFTOP" "$ACCOUNTS"
	to=$(uptime_us)
	low=$(up "$WORK/snap.1")
	high=$(((to - from + 20000) * $(khz <"$WORK/snap.1") / 1000))
	cpu=0
	while [ $cpu -lt "$CPUS" ]; do
		between $((low - low / 100)) \
			"$(account "$cpu" ELAPSED <"$WORK/snap.2")" \
			$((high + high / 100)) "cpu $cpu elapsed"
		cpu=$((cpu + 1))
	done
}

# Show 3, second half: the load has not begun at the first readings and has
# ended at the last.
test_switches_lie_between_two_readings() {
	start_perftop
	begin_bracket
	busy 100
	"$LOAD" -c "$LAST" pingpong "$ROUNDS"
	end_bracket
	between $((2 * ROUNDS)) "$(account "$LAST" SWITCHES <"$WORK/end.3")" \
		$((100 * ROUNDS)) "switches of the last cpu"
	equal "$(account all UNCAPTURED <"$WORK/end.3")" 0 uncaptured
}
