# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2153
# Are system calls and page faults as many as those who make them say?

VIEWS=/proc/perftop.d
CALLS=$HERE/calls

# figures_of VIEW ID...: of a view's JSON on stdin, what each row has in these columns.
figures_of() {
	view=$1
	shift
	json_rows "$view" | awk -v ids="$*" '
		BEGIN { n = split(ids, id, " ") }
		{
			line = ""
			for (i = 1; i <= n; i++) {
				value = $0
				sub(".*,\"" id[i] "\":\"?", "", value)
				sub("[\",}].*", "", value)
				line = line (i > 1 ? " " : "") value
			}
			print line
		}'
}

call_rows() {
	figures_of syscalls pid abi call count errors <"$1"
}

# said_calls FILE: each that is said to have been made has such a row, and those that
# are said not to have been made have none.
said_calls() {
	cat "$VIEWS/syscalls.json" >"$WORK/json"
	call_rows "$WORK/json" >"$WORK/rows"
	sed -n 's/^call //p' "$1" >"$WORK/said"
	[ -s "$WORK/said" ] || fail "nothing is said"
	while read -r pid table name count errors; do
		row=$(grep "^$pid $table $name " "$WORK/rows" || true)
		if [ "$count" = 0 ]; then
			equal "$row" "" "no call"
		else
			equal "$row" "$pid $table $name $count $errors" "calls"
		fi
	done <"$WORK/said"
}

# header_of NAME <FILE: of the text's line "spans".
header_of() {
	sed -n "s/^spans.* $1 \\([0-9]*\\).*/\\1/p"
}

test_calls_are_as_many_as_were_made() {
	start_perftop views=syscalls,irqs,faults
	"$CALLS" many 4000 >"$WORK/out"
	"$CALLS" threads 1000 >>"$WORK/out"
	"$CALLS" children 30 >>"$WORK/out"
	said_calls "$WORK/out"
	# Not all kernels have them; who has not refuses them, which are made all the same.
	pid=$(sed -n 's/^call \([0-9]*\) 64 close.*/\1/p' "$WORK/out")
	equal "$(grep -c "^$pid x32 getppid 800 " "$WORK/rows")" 1 "calls of x32"
	note "$(wc -l <"$WORK/rows") rows"
}

test_calls_end_as_they_can() {
	start_perftop views=syscalls
	"$CALLS" restart 800 >"$WORK/out"
	"$CALLS" handler 100 >>"$WORK/out"
	"$CALLS" killed 100 >>"$WORK/out"
	said_calls "$WORK/out"
	equal "$(header_of unended <"$VIEWS/syscalls")" 0 unended
	before=$(header_of unbegun <"$VIEWS/syscalls")
	"$CALLS" refused 20 >"$WORK/out"
	said_calls "$WORK/out"
	# And those from which children return, here and in the shell.
	after=$(header_of unbegun <"$VIEWS/syscalls")
	refused=$(sed -n 's/^refused //p' "$WORK/out")
	between "$refused" $((after - before)) $((refused + 40)) unbegun
}

# open_call PID: how many of its threads are in a call, and whether it has ended.
open_call() {
	figures_of syscalls pid call open count <"$VIEWS/syscalls.json" | grep "^$1 pause "
}

is_open() {
	open_call "$1" >/dev/null
}

test_a_long_call_is_told_of_before_it_ends() {
	start_perftop views=syscalls
	background "$CALLS" pause 0
	pid=$!
	eventually is_open "$pid"
	equal "$(open_call "$pid")" "$pid pause 1 0" "an open call"
	grep -qE "^ *$pid 64 +pause +0 .* 1 +[0-9.]+ s calls$" "$VIEWS/syscalls" ||
		fail "$(cat "$VIEWS/syscalls")"
	kill -9 "$pid"
	eventually [ ! -e "/proc/$pid" ]
	equal "$(open_call "$pid")" "$pid pause 0 1" "one that has ended"
	# What it took before is of another time.
	background "$CALLS" pause 0
	pid=$!
	eventually is_open "$pid"
	reset_perftop
	kill -9 "$pid"
	eventually [ ! -e "/proc/$pid" ]
	ticks=$(figures_of syscalls pid call ticks <"$VIEWS/syscalls.json" |
		sed -n "s/^$pid pause //p")
	up=$(sed -n 's/.*"syscalls":{.*"elapsed":"\([0-9]*\)".*/\1/p' \
		"$VIEWS/syscalls.json")
	between 1 "$ticks" "$up" "ticks since the reset"
}

# Of each call, how many and how many have failed, by all processes.
sums_of() {
	awk '{ count[$1 " " $2] += $3; errors[$1 " " $2] += $4 }
	END { for (call in count) print call, count[call], errors[call] }' | sort
}

test_sums_are_those_of_the_calls() {
	start_perftop views=syscalls,irqs
	"$CALLS" many 500 >/dev/null
	"$CALLS" children 20 >/dev/null
	cat "$VIEWS/all.json" >"$WORK/json"
	figures_of syscalls abi call count errors <"$WORK/json" | grep -v ' 0 0$' |
		sums_of >"$WORK/of-rows"
	figures_of syscalls.sum abi call count errors <"$WORK/json" | sums_of >"$WORK/sums"
	[ -s "$WORK/sums" ] || fail "no sums"
	cmp "$WORK/of-rows" "$WORK/sums" || fail "$(diff "$WORK/of-rows" "$WORK/sums")"
	figures_of irqs kind name count <"$WORK/json" | awk '{ print $1, $2, $3, 0 }' |
		sums_of >"$WORK/of-rows"
	figures_of irqs.sum kind name count <"$WORK/json" | awk '{ print $1, $2, $3, 0 }' |
		sums_of >"$WORK/sums"
	cmp "$WORK/of-rows" "$WORK/sums" || fail "$(diff "$WORK/of-rows" "$WORK/sums")"
}

fault_rows() {
	figures_of faults pid minor major <"$VIEWS/faults.json"
}

# faults_of FILE: minor and major ones, those of the dead threads too.
faults_of() {
	sed 's/.*) //' "$1" | cut -d' ' -f8,10
}

test_faults_are_the_kernels() {
	start_perftop views=faults
	"$CALLS" threads 10 >"$WORK/out"
	for pages in 1 100 5000; do
		"$CALLS" faults "$pages" >>"$WORK/out"
	done
	fault_rows >"$WORK/rows"
	sed -n 's/^faults //p' "$WORK/out" >"$WORK/said"
	equal "$(wc -l <"$WORK/said")" 4 "what is said"
	while read -r row; do
		note "$row"
		grep -qx "$row" "$WORK/rows" || fail "faults: no $row, $(cat "$WORK/rows")"
	done <"$WORK/said"
	# One that goes on: between two readings of the kernel's own count.
	background "$CALLS" fault-on 100
	pid=$!
	works "$pid" calls
	for _ in 1 2 3 4 5; do
		read -r low _ <<-END
			$(faults_of "/proc/$pid/stat")
		END
		minor=$(fault_rows | sed -n "s/^$pid \([0-9]*\) .*/\1/p")
		read -r high _ <<-END
			$(faults_of "/proc/$pid/stat")
		END
		between "$low" "$minor" "$high" "faults"
	done
}

test_calls_and_faults_on_and_off_under_load() {
	start_perftop
	background "$CALLS" fault-on 50
	background sh -c "while :; do $CALLS many 200; $CALLS threads 20; done" >/dev/null
	for _ in 1 2 3 4; do
		printf '+syscalls\n+faults\n+irqs\n' >"$PERFTOP"
		cat "$VIEWS/all.json" >/dev/null
		usleep 20000
		cat "$VIEWS/syscalls" "$VIEWS/syscalls.sum" >"$WORK/text"
		printf -- '-syscalls\n-faults\n-irqs\n' >"$PERFTOP"
	done
	equal "$(header_of unended <"$WORK/text" | head -1)" 0 unended
	echo +syscalls >"$PERFTOP"
	"$CALLS" many 300 >"$WORK/out"
	said_calls "$WORK/out"
}

test_a_filter_holds_for_calls_and_faults() {
	start_perftop views=syscalls,faults filter=comm=nobody
	"$CALLS" many 100 >"$WORK/out"
	equal "$(fault_rows)" "" "faults of nobody"
	equal "$(figures_of syscalls pid <"$VIEWS/syscalls.json")" "" "calls of nobody"
	echo filter comm=calls >"$PERFTOP"
	"$CALLS" many 400 >"$WORK/out"
	said_calls "$WORK/out"
	equal "$(figures_of syscalls comm <"$VIEWS/syscalls.json" | sort -u)" calls whose
}
