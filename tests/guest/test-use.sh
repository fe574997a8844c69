# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What is refused, to whom, and how it is said.

# refused PARAMETER: insmod fails with EINVAL and one clear line.
refused() {
	listen
	if start_perftop "$1" 2>"$WORK/error"; then
		fail "$1: accepted"
	fi
	grep -q 'Invalid argument\|invalid parameter' "$WORK/error" ||
		fail "$1: $(cat "$WORK/error")"
	said | tee "$WORK/log"
	equal "$(grep -c '^perftop: ' "$WORK/log")" 1 "$1: lines of perftop"
	equal "$(wc -l <"$WORK/log")" 1 "$1: lines"
}

test_bad_parameters_are_refused() {
	refused hook=telepathy
	refused stack=some
	refused top=0
	refused drainer=-21
	refused drainer=rr
	refused table=0
	refused table=4000000000
	refused pick=no_such_function
	refused stop=no_such_function
	refused finish=no_such_function
	refused filter=pid=none
	refused filter=shortest=5ms,longest=1ms
	refused "filter=comm=$(printf '%0150d' 0)"
	refused views=no_such_view
	refused top=many
	refused top=-1
	refused idle=perhaps
	refused table=x
	refused top
	[ ! -e "$PERFTOP" ] || fail "$PERFTOP is there"
	no_probes
}

# function_named NAME...: the first that the kernel has.
function_named() {
	for name; do
		! grep -q " [tT] $name\$" /proc/kallsyms || break
	done
	echo "$name"
}

test_good_parameters_are_taken() {
	for good in hook=auto hook=kprobe stack=both stack=kernel stack=user \
		top=1 top=100000 idle=1 table=16 table=1024 \
		"pick=$(function_named pick_next_task_fair pick_task_fair)" \
		"stop=$(function_named pick_next_task_stop pick_task_stop)"; do
		start_perftop "$good" || fail "$good"
		stop_perftop
	done
}

# The other module keeps its file, and nothing of perftop stays.
test_another_modules_file_is_left_alone() {
	listen
	helper claim
	start_perftop 2>"$WORK/error" && fail "accepted"
	grep -q 'busy' "$WORK/error" || fail "$(cat "$WORK/error")"
	said | grep '^perftop: ' >"$WORK/log"
	cat "$WORK/log"
	equal "$(grep -c "/proc/perftop is another" "$WORK/log")" 1 lines
	[ -e "$PERFTOP" ] || fail "its file is gone"
	[ ! -e "$VIEWS" ] || fail "$VIEWS is there"
	no_probes
	helper unclaim
	start_perftop
}

# A function that the function tracer does not know is probed by a breakpoint,
# which may stay one. This one is called with interrupts off, too.
test_functions_at_a_breakpoint() {
	echo 0 >"$OPTIMIZE"
	start_perftop pick=sched_clock_cpu finish=sched_clock_cpu 2>/dev/null ||
		skip "this kernel lets nobody probe sched_clock_cpu"
	grep 'sched_clock_cpu.*FTRACE' /sys/kernel/debug/kprobes/list &&
		skip "here it is traced"
	busy 20
	cat "$ACCOUNTS" >"$WORK/accounts"
	stop_perftop
	identity "$WORK/accounts"
	between 100 "$(account all SWITCHES <"$WORK/accounts")" 1000000000 calls
}

# Where interrupts are on, no task has been switched, whoever says so.
test_functions_that_switch_nothing() {
	start_perftop pick=vfs_read finish=vfs_write
	busy 20
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
	equal "$(account all SWITCHES <"$WORK/accounts")" 0 switches
	grep -q 'not armed' "$PERFTOP" || fail "$(head -n 1 "$PERFTOP")"
}

# drained_by WORD POLICY NICE [PRIORITY]: what the kernel says of the thread.
drained_by() {
	start_perftop "drainer=$1"
	pid=$(grep -lx perftop /proc/[0-9]*/comm | cut -d/ -f3)
	# Without the name, which is in brackets: from the state on.
	sed 's/.*) //' "/proc/$pid/stat" >"$WORK/stat"
	stop_perftop
	equal "$(cut -d' ' -f39 "$WORK/stat")" "$2" "drainer=$1: policy"
	equal "$(cut -d' ' -f17 "$WORK/stat")" "$3" "drainer=$1: nice level"
	equal "$(cut -d' ' -f38 "$WORK/stat")" "${4-0}" "drainer=$1: priority"
}

test_drainer_has_the_class_it_was_given() {
	drained_by -20 0 -20
	drained_by 19 0 19
	drained_by 0 0 0
	drained_by fifo-low 1 0 1
	drained_by fifo 1 0 50
}

test_load_message_says_what_it_does() {
	listen
	start_perftop
	said | tee "$WORK/log"
	for word in kprobe finish_task_switch KiB \
		"$(function_named pick_next_task_fair pick_task_fair)" \
		"$(function_named pick_next_task_stop pick_task_stop)"; do
		grep -q "^perftop: .*$word" "$WORK/log" || fail "no $word in it"
	done
}

# Where the fair pick cannot be probed.
test_auto_falls_back() {
	[ "${VARIANT-}" = pickless ] || skip "perftop.ko is as it ships"
	listen
	start_perftop
	said | tee "$WORK/log"
	grep -q '^perftop: .*taking the tracepoint' "$WORK/log" ||
		fail "the log does not say so"
	grep -q 'hook tracepoint' "$PERFTOP" || fail "$(head -n 1 "$PERFTOP")"
	busy 20
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
	stop_perftop
	listen
	start_perftop hook=kprobe 2>"$WORK/error" && fail "hook=kprobe: accepted"
	grep -q 'not supported' "$WORK/error" || fail "$(cat "$WORK/error")"
	said | grep -q '^perftop: .*no_such_pick.*pick=' ||
		fail "the log does not say what is missing"
	start_perftop "pick=$(function_named pick_next_task_fair pick_task_fair)"
	grep -q 'hook kprobe' "$PERFTOP" || fail "pick= is not taken"
}

# Where core scheduling is built in.
test_auto_avoids_the_picks() {
	[ "${VARIANT-}" = cored ] || skip "perftop.ko is as it ships"
	start_perftop
	grep -q 'hook tracepoint' "$PERFTOP" || fail "$(head -n 1 "$PERFTOP")"
	stop_perftop
	start_perftop hook=kprobe
	grep -q 'hook kprobe' "$PERFTOP" || fail "hook=kprobe is not taken"
}

test_other_words_are_refused() {
	start_perftop
	for word in 1 reset "0 0" "" "a very long word, longer than any buffer"; do
		listen
		echo "$word" 2>"$WORK/error" >"$PERFTOP" &&
			fail "'$word': accepted"
		grep -q 'Invalid argument' "$WORK/error" ||
			fail "'$word': $(cat "$WORK/error")"
		equal "$(said | grep -c '^perftop: ')" 1 \
			"'$word': lines in the log"
	done
	echo 0 >"$PERFTOP"
}

test_only_root_may_read() {
	start_perftop
	equal "$(stat -c %a "$PERFTOP")" 600 "mode of $PERFTOP"
	for file in "$PERFTOP" "$ACCOUNTS"; do
		"$LOAD" nobody cat "$file" >/dev/null 2>&1 &&
			fail "nobody may read $file"
	done
	true
}

test_loaded_twice_is_refused() {
	start_perftop
	start_perftop 2>/dev/null && fail "accepted"
	cat "$PERFTOP" >/dev/null
}

test_lines_fit() {
	start_perftop
	busy 20
	head -n 3 "$PERFTOP" >"$WORK/header"
	cat "$WORK/header"
	equal "$(awk 'NR == 1 { print $1, $2 }' "$WORK/header")" \
		"perftop $(cat /sys/module/perftop/version)" "name and version"
	awk 'length > 100' "$WORK/header" | grep . && fail "a long line"
	true
}

# A file opened for writing only has nothing to seek in.
test_seek_without_reading() {
	start_perftop
	dd of="$PERFTOP" bs=1 seek=1 conv=notrunc </dev/null 2>"$WORK/error"
	cat "$PERFTOP" >/dev/null
	stop_perftop
}

is_printed() {
	cat "$PERFTOP" >"$WORK/perftop"
	grep -q "$1" "$WORK/perftop"
}

# A name that anybody may choose neither moves the cursor nor ends the line.
test_names_are_harmless() {
	name=$(printf 'x\033[2J\n   1  99.99 y')
	cp "$LOAD" "$WORK/$name"
	start_perftop top="$ALL"
	background "$WORK/$name" share 50
	eventually is_printed 'user: x?\[2J?'
	grep "$(printf '\033')" "$WORK/perftop" && fail "an escape"
	grep '^   1  99.99 y' "$WORK/perftop" && fail "a line of its own"
	true
}

# not_supported COMMAND...: fails with EOPNOTSUPP and one line, which is left.
not_supported() {
	listen
	if "$@" 2>"$WORK/error"; then
		fail "$*: accepted"
	fi
	grep -q 'not supported' "$WORK/error" || fail "$(cat "$WORK/error")"
	said | tee "$WORK/log"
	equal "$(wc -l <"$WORK/log")" 1 "$*: lines in the log"
}

# use_variant NAME: a module that knows other arguments than the kernel's.
use_variant() {
	# shellcheck disable=SC2034
	MODULE=$HERE/../arguments/$1.ko
	cat "$HERE/../arguments/$1.off"
}

switch_on() {
	echo "+$1" >"$PERFTOP"
}

# without VIEW COLUMN: is it said, in the view and in the list?
without() {
	grep -q "^without  *$2: " "$VIEWS/$1" || fail "$1 does not say so"
	grep -q "^$1 .*(without $2: " "$VIEWS/views" ||
		fail "the list does not say so of $1"
}

# One that waits for a thread which holds its CPU is a row.
is_inverted() {
	helper hold 60 "$LAST"
	grep ' cpu .*(fifo 50) .*hold\[[0-9]*\] (normal 0)' "$VIEWS/inversion"
}

# A tracepoint with other arguments than are known: what needs it is off.
test_unknown_arguments_are_told() {
	[ "${VARIANT-}" = arguments ] || skip "perftop.ko is as it ships"
	use_variant all
	for event in sched_switch sched_process_exit contention_begin \
		contention_end; do
		equal "$(grep -c "warning: .* $event " \
			"$HERE/../arguments/all.off")" 1 "$event: lines"
	done
	not_supported start_perftop hook=tracepoint
	grep -q '^perftop: .*sched_switch.*arguments' "$WORK/log" ||
		fail "sched_switch is not named"
	start_perftop hook=auto
	grep -q 'hook kprobe' "$PERFTOP" || fail "$(head -n 1 "$PERFTOP")"
	not_supported switch_on inversion
	without inversion "kind cpu"
	switch_on exits
	busy 3
	without exits PPID
	column PPID "$VIEWS/exits" | sort -u >"$WORK/parents"
	equal "$(cat "$WORK/parents")" - "parents"
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
	stop_perftop

	use_variant switch
	not_supported start_perftop hook=tracepoint
	start_perftop views=inversion,exits
	without inversion "kind cpu"
	busy 3
	! grep '^without' "$VIEWS/exits" || fail "exits lacks something"
	column PPID "$VIEWS/exits" | grep -qx '[1-9][0-9]*' || fail "no parents"
	stop_perftop

	use_variant locks
	start_perftop hook=tracepoint views=inversion
	without inversion "kind mutex"
	background "$LOAD" -c "$LAST" fifo 50 1
	works $!
	eventually is_inverted
}
