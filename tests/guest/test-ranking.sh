# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Is the ranking true? Names, order, shares and keys.

# the_rows WORD...: the rows whose task or frames match all the words.
the_rows() {
	cp "$WORK/rows" "$WORK/matching"
	for word; do
		grep -E "$word" "$WORK/matching" >"$WORK/fewer" || true
		mv "$WORK/fewer" "$WORK/matching"
	done
	cat "$WORK/matching"
}

take_rows() {
	cat "$PERFTOP" >"$WORK/perftop"
	rows <"$WORK/perftop" >"$WORK/rows"
	[ -s "$WORK/rows" ] || fail "no rows: $(cat "$WORK/perftop")"
}

# helper_rows COLOUR: by its functions, or by its name where it was interrupted
# in code that the kernel's unwinder finds no way out of, as a return thunk.
helper_rows() {
	the_rows "${1}_thread|\|$1\[$(helper_pid "$1")\]"
}

# lead ONE OTHER: by the helper's account since $WORK/first, which of all tasks has
# had most and which comes next, each by far.
lead() {
	cat "$HELPER" >"$WORK/now"
	awk -v one="$1" -v other="$2" '
	$1 != "task" { next }
	NR == FNR { before[$2] = $3; next }
	$3 > before[$2] { print $3 - before[$2], $2 }' \
		"$WORK/first" "$WORK/now" | sort -rn | awk -v one="$1" -v other="$2" '
	{ ticks[NR] = $1; pid[NR] = $2 }
	END {
		exit !(pid[1] == one && ticks[1] > 1.5 * ticks[2] &&
		       pid[2] == other && ticks[2] > 1.5 * ticks[3])
	}'
}

# Show 2: a kernel thread that burns 60 % of a CPU, with its functions' names. Where
# the host stops all, that time is whose turn it is.
test_burner_is_rank_1() {
	cat "$HELPER" >"$WORK/first"
	start_perftop
	helper burn red 60 0
	helper burn green 25 "$LAST"
	sleep 3
	eventually lead "$(helper_pid red)" "$(helper_pid green)"
	helper park
	take_rows
	head -n 3 "$WORK/rows" | cut -c1-100
	# It leaves to rest or, where it shares its CPU, while it burns as well.
	grep '|red\[' "$WORK/rows" | head -n 1 | field "$FRAMES" |
		grep -qE ';red_(rest|burn)\+.*;red_period\+.*;red_thread\+.*;kthread\+' ||
		fail "its functions are not named"
	red=$(grep '|red\[' "$WORK/rows" | sum "$TICKS")
	green=$(grep '|green\[' "$WORK/rows" | sum "$TICKS")
	[ "$red" -gt "$green" ] || fail "red $red, green $green"
	[ "$CPUS" -gt 1 ] || return 0
	head -n 1 "$WORK/rows" | grep -q '|red\[[0-9]*\]|' ||
		fail "red is not on top"
	grep -v '|red\[' "$WORK/rows" | head -n 1 | grep -q '|green\[' ||
		fail "green is not next"
}

test_shares_are_true() {
	start_perftop top="$ALL"
	helper burn red 60 0
	helper burn green 25 "$LAST"
	helper burn grey 10 0
	sleep 5
	helper park
	take_rows
	for colour in red green grey; do
		true_share "$(helper_rows "$colour" | sum "$TICKS")" \
			"$(helper_pid $colour)" $colour
	done
}

# lost_rows <ROWS: those of several threads where the unwinder found no way to
# what any of them began with; such a row has the name of the last.
lost_rows() {
	awk '/] \+/ && !/ret_from_fork|user:/'
}

# COUNT is an equality: every time the thread left a CPU. But under PREEMPT_RT
# some may be in a row of several threads.
test_counts_equal_context_switches() {
	start_perftop top="$ALL"
	helper burn red 60 0
	helper burn green 25 "$LAST"
	sleep 2
	helper park
	before=$(left "$(helper_pid red)")
	reset_perftop
	helper unpark
	sleep 3
	helper park
	take_rows
	after=$(left "$(helper_pid red)")
	lost_rows <"$WORK/rows"
	lost=$(lost_rows <"$WORK/rows" | sum "$COUNT")
	all=$(helper_rows red | sum "$COUNT")
	own=$((all - $(helper_rows red | lost_rows | sum "$COUNT")))
	between "$own" $((after - before)) $((own + lost)) red
}

# Real-time and deadline tasks leave through other picks than the fair one.
test_realtime_and_deadline_are_seen() {
	start_perftop top="$ALL"
	helper fifo blue 20 0
	background "$LOAD" -c "$LAST" fifo 50 20
	fifo=$!
	background "$LOAD" deadline 2000 10000
	deadline=$!
	"$LOAD" -c 0 hog 4
	helper park
	stop_task "$fifo"
	stop_task "$deadline"
	take_rows
	true_share "$(helper_rows blue | sum "$TICKS")" \
		"$(helper_pid blue)" "blue, SCHED_FIFO"
	true_share "$(the_rows "\[$fifo]" | sum "$TICKS")" "$fifo" \
		"load, SCHED_FIFO"
	true_share "$(the_rows "\[$deadline]" | sum "$TICKS")" "$deadline" \
		"load, SCHED_DEADLINE"
	equal "$(header uncaptured <"$WORK/perftop")" 0 uncaptured
	equal "$(header missed <"$WORK/perftop")" 0 missed
}

# A hog that has its CPU for itself ends no slice.
test_running_hog_is_on_top() {
	need_cpus 2
	start_perftop
	background "$LOAD" -c "$LAST" hog
	hog=$!
	computes "$hog"
	reset_perftop
	sleep 3
	take_rows
	# The reader, or a thread of the kernel's, may be on its CPU just now.
	for _ in $(seq 100); do
		the_rows "load.$hog] .running" | grep -q . && break
		take_rows
	done
	head -n 1 "$WORK/rows"
	head -n 1 "$WORK/rows" | grep -q "|load.$hog]" ||
		fail "the hog is not on top"
	the_rows "load.$hog] .running" | grep -q . ||
		fail "the hog is not shown running"
	equal "$(the_rows "load.$hog] .running" | sum "$COUNT")" 0 "its COUNT"
	the_rows "load.$hog] .running" | field "$FRAMES" | grep -q 'user: .running.;' ||
		fail "no user frames"
}

# main_row PID: the row with most of its time. Others stand for the rare case
# that another kind of interrupt brought the preemption, or that it struck
# where a function sets up its frame.
main_row() {
	the_rows "\|load.*\[$1]" | head -n 1
}

# main_user_stack <ROWS: the ticks of the user stack that has most, under
# whichever interrupts.
main_user_stack() {
	awk -F'|' -v ticks="$TICKS" '
	match($0, /user: .*/) { n[substr($0, RSTART)] += $ticks }
	END {
		for (stack in n)
			if (most < n[stack])
				most = n[stack]
		printf "%.0f\n", most
	}'
}

test_two_hogs_are_two_rows() {
	start_perftop top="$ALL"
	background "$LOAD" -c "$LAST" hog
	one=$!
	background "$LOAD" -c "$LAST" hog
	two=$!
	computes "$one"
	computes "$two"
	reset_perftop
	sleep 5
	stop_task "$one"
	stop_task "$two"
	take_rows
	for hog in "$one" "$two"; do
		all=$(the_rows "\|load.$hog]" | sum "$TICKS")
		most=$(the_rows "\|load.$hog]" | main_user_stack)
		number=$(the_rows "\|load.$hog]" | wc -l)
		main_row "$hog"
		note "$number rows"
		between $((all * 9 / 10)) "$most" "$all" "the hog's user stack"
		between 1 "$number" 20 "rows of hog $hog"
		main_row "$hog" | field "$FRAMES" |
			grep -q '^schedule+.*;user: .running.;user: load+' ||
			fail "its stack"
	done
}

# What stands in the frame pointer's register is anything.
test_hogs_without_frame_pointers_are_few_rows() {
	start_perftop top="$ALL"
	background "$HERE/load-nofp" -c "$LAST" hog
	one=$!
	background sh -c 'while :; do :; done'
	two=$!
	background sh -c 'while :; do :; done'
	three=$!
	taskset -p 1 "$two"
	taskset -p 1 "$three"
	computes "$one" load-nofp
	computes "$two" sh
	computes "$three" sh
	sleep 5
	for hog in "$one" "$two" "$three"; do
		stop_task "$hog"
	done
	take_rows
	for hog in "$one" "$two" "$three"; do
		number=$(the_rows "\[$hog]" | wc -l)
		note "$number rows of $(cat /proc/$hog/comm)"
		between 1 "$number" 50 "rows of $(cat /proc/$hog/comm)"
	done
}

# The same code at the same addresses, in two processes.
test_twins_are_kept_apart() {
	start_perftop top="$ALL"
	background "$LOAD" -c 0 share 10
	one=$!
	background "$LOAD" -c 0 share 20
	two=$!
	works "$one"
	works "$two"
	sleep 4
	stop_task "$one"
	stop_task "$two"
	take_rows
	for twin in "$one" "$two"; do
		the_rows "\|load.$twin]" | head -n 1
		the_rows "\|load.$twin] +" | grep . && fail "a row is shared"
		true_share "$(the_rows "\[$twin]" | sum "$TICKS")" "$twin" twin
	done
	# Where they sleep: either may have been preempted by the other more often.
	# On its way to sleep as well, by chance.
	the_rows "\|load.$one].*do_nanosleep" | field "$FRAMES" >"$WORK/stacks"
	[ -s "$WORK/stacks" ] || fail "no row of the first that sleeps"
	the_rows "\|load.$two].*do_nanosleep" | field "$FRAMES" |
		grep -xF -f "$WORK/stacks" || fail "no stack of both"
}

# Not where one was preempted on its way to sleep.
three_share() {
	take_rows
	the_rows '\|load.*\|schedule\+[^;]*;do_nanosleep' >"$WORK/threads"
	grep -q '|load\[[0-9]*\] +2|' "$WORK/threads"
}

# Threads share their address space and so their row.
test_threads_share_a_row() {
	start_perftop top="$ALL"
	background "$LOAD" threads 3
	eventually three_share
	cat "$WORK/threads"
	equal "$(grep -c . <"$WORK/threads")" 1 "rows of the threads"
}

# user_names: the functions of the user frames of one row, innermost first.
user_names() {
	field "$FRAMES" | tr ';' '\n' | sed -n 's/^user: load+0x//p' |
	while read -r offset; do
		# The program is linked to 0x400000, a file offset of 0.
		awk -v at=$((0x400000 + 0x$offset)) '
		function number(hex,   i, n) {
			for (i = 1; i <= length(hex); i++)
				n = n * 16 + index("0123456789abcdef",
					substr(hex, i, 1)) - 1
			return n
		}
		NF == 4 && number($1) <= at && at <= number($1) + number($2) {
			print $4
			exit
		}' "$HERE/load.names"
	done | tr '\n' ' '
}

test_user_frames_are_the_functions() {
	start_perftop top="$ALL"
	background "$LOAD" share 20
	share=$!
	works "$share"
	stop_task "$share"
	take_rows
	# Where it sleeps: it may have been preempted for longer than that took.
	the_rows "\|load.$share].*\|schedule\+[^;]*;do_nanosleep" |
		head -n 1 >"$WORK/row"
	cat "$WORK/row"
	# Behind main comes what the C library begins with.
	names=$(user_names <"$WORK/row")
	case $names in
	"sleep_until share_rest share_period do_share main "*) ;;
	*) fail "user frames: $names" ;;
	esac
}

test_deep_user_stack_is_marked() {
	start_perftop top="$ALL"
	background "$LOAD" deep 20
	background "$LOAD" deep 200
	deep=$!
	works "$deep"
	take_rows
	the_rows '\(truncated\)' | grep -q "load.$deep]" ||
		fail "the deep stack is not marked"
	the_rows '\(truncated\)' | grep -v "load.$deep]" &&
		fail "the stack of another is marked"
	equal "$(the_rows '\(truncated\)' | sum "$COUNT")" \
		"$(header truncated <"$WORK/perftop")" truncated
}

test_idle_is_ranked_when_asked_for() {
	start_perftop top="$ALL"
	sleep 2
	take_rows
	equal "$(the_rows 'swapper/' | wc -l)" 0 "idle rows with idle=0"
	stop_perftop
	start_perftop top="$ALL" idle=1
	sleep 2
	take_rows
	the_rows 'swapper/.*]\|' | grep -q . || fail "no idle rows with idle=1"
}

two_share() {
	take_rows
	the_rows '\|load\[[0-9]*\] \+1' | grep -q .
}

test_stack_kernel_has_no_user_frames() {
	start_perftop top="$ALL" stack=kernel
	background "$LOAD" -c 0 share 20
	background "$LOAD" -c 0 share 20
	# Two processes in one kernel stack are one row.
	eventually two_share
	equal "$(the_rows 'user:' | wc -l)" 0 "rows with user frames"
}

test_stack_user_has_only_user_frames() {
	start_perftop top="$ALL" stack=user
	helper burn red 20 0
	background "$LOAD" share 20
	share=$!
	works "$share"
	sleep 1
	helper park
	stop_task "$share"
	take_rows
	main_row "$share" | field "$FRAMES" | grep -q '^user: ' ||
		fail "kernel frames"
	the_rows red_thread | grep -q . || fail "no kernel thread"
}

test_top_limits_the_rows() {
	start_perftop top=3
	busy 20
	take_rows
	equal "$(wc -l <"$WORK/rows")" 3 rows
	field 1 <"$WORK/rows" | sort -nc || fail "ranks out of order"
	field "$TICKS" <"$WORK/rows" | sort -nrc || fail "ticks out of order"
}
