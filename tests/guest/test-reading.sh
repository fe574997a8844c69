# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Does reading leave everything as it is?

: "${RESETS:=8}"

# read_often SECONDS: ten times a second. On CPU 0, away from what is watched
# where there is another.
read_often() {
	for _ in $(seq $(($1 * 10))); do
		taskset 1 cat "$PERFTOP" >/dev/null
		usleep 100000
	done
}

# counts PID ROWS: COUNT is how often PID left a CPU, and no more.
counts() {
	equal "$(grep -F "[$1]" "$2" | sum "$COUNT")" "$(left "$1")" "COUNT of $1"
}

test_reading_changes_no_count_and_no_share() {
	start_perftop top="$ALL"
	background "$LOAD" -c "$LAST" share 20
	share=$!
	background "$LOAD" -c "$LAST" hog
	hog=$!
	read_often 4
	stop_task "$share"
	stop_task "$hog"
	cat "$PERFTOP" >"$WORK/perftop"
	rows <"$WORK/perftop" >"$WORK/rows"
	for pid in "$share" "$hog"; do
		counts $pid "$WORK/rows"
		true_share "$(grep -F "load[$pid]" "$WORK/rows" | sum "$TICKS")" \
			$pid "load $pid"
	done
}

# Alone on its CPU a hog's slices are long. A reading that cut them would
# show as shorter ones.
test_reading_cuts_no_slice() {
	need_cpus 2
	start_perftop top="$ALL"
	background "$LOAD" -c "$LAST" hog
	hog=$!
	read_often 3
	stop_task "$hog"
	cat "$PERFTOP" >"$WORK/perftop"
	rows <"$WORK/perftop" >"$WORK/rows"
	grep -F "[$hog]" "$WORK/rows"
	note "it left its CPU $(left $hog) times"
	counts "$hog" "$WORK/rows"
	equal "$(header uncaptured <"$WORK/perftop")" 0 uncaptured
}

# Nor is a reading a switch.
test_reading_is_no_switch() {
	start_perftop
	background "$LOAD" -c "$LAST" hog
	begin_bracket
	read_often 2
	end_bracket
}

# While nothing runs but the reader, only the reader's own rows change.
test_what_stands_still_is_printed_alike() {
	start_perftop top="$ALL"
	helper burn red 30 0
	sleep 2
	helper park
	rows <"$PERFTOP" | grep red_thread | field "$TICKS"- >"$WORK/first"
	for _ in $(seq 9); do
		rows <"$PERFTOP" | grep red_thread | field "$TICKS"- \
			>"$WORK/again"
		cmp "$WORK/first" "$WORK/again"
	done
}

test_opens_are_counted() {
	start_perftop
	cat "$PERFTOP" >/dev/null
	cat "$PERFTOP" >/dev/null
	equal "$(header opened <"$PERFTOP")" 3 opened
}

# Each reader has a snapshot of its own, however slowly it reads.
test_a_snapshot_does_not_change() {
	start_perftop top="$ALL"
	busy 20
	exec 3<"$PERFTOP"
	dd bs=256 count=1 <&3 >"$WORK/perftop" 2>/dev/null
	busy 20
	cat "$PERFTOP" >/dev/null
	cat <&3 >>"$WORK/perftop"
	exec 3<&-
	rows <"$WORK/perftop" >"$WORK/rows"
	field "$TICKS" <"$WORK/rows" | sort -nrc || fail "ticks out of order"
}

# Programs that copy files do not read them.
test_every_way_of_reading_is_the_same() {
	start_perftop top="$ALL" views=processes,tasks,cpus,latency
	busy 20
	for file in "$PERFTOP" /proc/perftop.d/*; do
		bytes=$("$LOAD" ways "$file") || fail "$file"
		note "$bytes bytes of $file"
		between 40 "$bytes" 10000000 "bytes of $file"
	done
}

# Four at a time, whoever reads; the next are told, and are not kept waiting.
test_a_fifth_reader_is_told() {
	start_perftop
	exec 3<"$PERFTOP" 4<"$ACCOUNTS" 5<"$PERFTOP"
	cat "$ACCOUNTS" >/dev/null || fail "a fourth"
	exec 6<"$PERFTOP"
	for file in "$PERFTOP" "$ACCOUNTS"; do
		cat "$file" 2>"$WORK/error" && fail "a fifth of $file"
		grep -q 'busy' "$WORK/error" || fail "$(cat "$WORK/error")"
	done
	exec 4<&-
	cat "$PERFTOP" >/dev/null || fail "when one had gone"
	exec 3<&- 5<&- 6<&-
}

# Nor does the header say what came later.
test_a_snapshot_has_its_filter() {
	start_perftop
	exec 3<"$PERFTOP"
	echo filter comm=nobody >"$PERFTOP"
	cat <&3 >"$WORK/before"
	exec 3<"$PERFTOP"
	echo filter off >"$PERFTOP"
	cat <&3 >"$WORK/after"
	exec 3<&-
	grep '^filter' "$WORK/before" && fail "a filter that was not yet"
	grep -qx 'filter  *comm=nobody' "$WORK/after" || fail "not its filter"
}

test_readers_while_resetting() {
	start_perftop top="$ALL"
	background "$LOAD" messages 4 100000000
	# And the one below: there are four at the most.
	for _ in 1 2 3; do
		background sh -c "while cat $PERFTOP $ACCOUNTS; do :; done"
	done
	for _ in $(seq "$RESETS"); do
		reset_perftop
		cat "$ACCOUNTS" >"$WORK/accounts"
		identity "$WORK/accounts"
	done
	while read -r pid; do
		kill -0 "$pid" || fail "a reader has ended"
	done <"$WORK/background"
}
