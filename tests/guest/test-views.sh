# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2153
# Do the views say what others say, and do they add up with the stacks?

: "${VIEW_ROUNDS:=60}"

VIEWS=/proc/perftop.d
SWITCHED=processes,tasks,cpus,latency,inversion,exits,irqs,syscalls,faults

# Nothing is charged to anybody from here on: what was stays as it is.
freeze() {
	echo filter comm=nobody >"$PERFTOP"
}

# parts FILE: the header's parts, and that they are the whole.
parts() {
	grep ^ticks "$1" >"$WORK/ticks"
	read -r _ tasks _ running _ idle _ overflow _ unattributed _ filtered _ \
		interrupts _ whole <"$WORK/ticks" || true
	if [ -z "$interrupts" ]; then
		whole=$filtered
		filtered=0
	elif [ -z "$whole" ]; then
		whole=$interrupts
		interrupts=0
	fi
	equal $((tasks + running + idle + overflow + unattributed + filtered +
		 interrupts)) "$whole" "$1: the parts"
}

# under_header FILE: its table, without what stands above.
under_header() {
	awk 'table { print } /^$/ { getline; table = 1 }' "$1"
}

# column WORD FILE: one column of a table whose names stand below the header. A
# time is made one word.
column() {
	awk -v word="$1" '
	table && at {
		gsub(/ ns /, "ns ")
		gsub(/ us /, "us ")
		gsub(/ ms /, "ms ")
		gsub(/ s /, "s ")
		print $at
	}
	/^$/ {
		getline
		gsub(/RUN TIME/, "RUN_TIME")
		gsub(/AVG /, "AVG_")
		gsub(/MAX /, "MAX_")
		for (i = 1; i <= NF; i++)
			if ($i == word)
				at = i
		table = 1
	}' "$2"
}

# add: the sum of numbers that are too large for awk.
add() {
	all=0
	while read -r one; do
		all=$((all + one))
	done
	echo "$all"
}

# add_times: the same of times as column prints them, in ns.
add_times() {
	awk '{
		unit = $1
		sub(/^[0-9.]*/, "", unit)
		all += $1 * (unit == "s" ? 1e9 : unit == "ms" ? 1e6 :
			unit == "us" ? 1e3 : 1)
	}
	END { printf "%.0f\n", all }'
}

# task PID <FILE: the row of a task, its mark taken off.
task() {
	awk -v pid="$1" '$1 + 0 == pid && $2 + 0 > 0 { print }'
}

something() {
	busy 30
	"$LOAD" -c "$LAST" pingpong 500
	helper fifo blue 10 "$LAST"
	sleep 1
	helper stop
}

test_views_are_switched() {
	start_perftop views=
	for view in processes processes.switches tasks tasks.switches \
		tasks.wait cpus latency inversion exits irqs irqs.sum; do
		grep -q 'is off' "$VIEWS/$view" || fail "$view is not off"
	done
	for view in processes tasks cpus latency inversion exits irqs; do
		echo "+$view" >"$PERFTOP"
		grep -q "^$view *yes" "$VIEWS/views" || fail "$view is not on"
		! grep -q 'is off' "$VIEWS/$view" || fail "$view is off"
	done
	something
	for view in latency tasks exits irqs cpus inversion processes; do
		echo "-$view" >"$PERFTOP"
		grep -q "^$view *no" "$VIEWS/views" || fail "$view is not off"
	done
	for word in +nothing -nothing +stacks +folded "+" "latency pid=x" \
		"latency pid=0" "tasks pid=1" "filter pid" "filter pid=x" \
		"filter cpu=x" "filter class=high" "filter shortest=1h"; do
		echo "$word" 2>/dev/null >"$PERFTOP" && fail "'$word': accepted"
	done
	stop_perftop
	start_perftop views=tasks,nothing 2>/dev/null && fail "views=nothing"
	start_perftop "views=$SWITCHED" filter=class=rt
	grep -q '^filter  *class=rt' "$PERFTOP" || fail "no filter"
}

# A view that is switched on again gives back what it had. The smallest piece
# is the log of exits, 6 KiB a CPU.
test_views_leave_nothing_behind() {
	start_perftop views="$SWITCHED"
	helper burn red 20 0
	memory >"$WORK/before"
	for _ in $(seq "$VIEW_ROUNDS"); do
		for view in processes tasks cpus latency inversion exits irqs; do
			echo "+$view" >"$PERFTOP"
		done
	done
	no_more_memory "$WORK/before" $((VIEW_ROUNDS * 3 * CPUS))
}

# One engine: what was charged to tasks, CPUs and stacks is the same to the
# tick, and the accounts' sum.
test_views_add_up_to_the_stacks() {
	start_perftop "views=$SWITCHED" top="$ALL"
	something
	freeze
	for file in tasks cpus accounts folded; do
		cat "$VIEWS/$file" >"$WORK/$file"
	done
	cat "$PERFTOP" >"$WORK/stacks"
	rows <"$WORK/stacks" >"$WORK/rows"
	ranked=$(account all RANKED <"$WORK/accounts")
	between 1 "$ranked" "$(account all ELAPSED <"$WORK/accounts")" ranked
	equal "$(cut -d'|' -f"$TICKS" "$WORK/rows" | add)" "$ranked" stacks
	for file in stacks tasks cpus; do
		parts "$WORK/$file"
		equal "$tasks" "$ranked" "$file: tasks"
		equal "$running" 0 "$file: running"
		between 1 "$filtered" "$whole" "$file: filtered"
	done
	equal "$(column TICKS "$WORK/tasks" | add)" "$ranked" "tasks' rows"
	equal "$(sed 's/.* //' "$WORK/folded" | add)" "$ranked" folded
	equal "$(column SWITCHES "$WORK/tasks" | add)" \
		"$(cut -d'|' -f"$COUNT" "$WORK/rows" | add)" switches
	equal "$(column VOL "$WORK/cpus" | add)" \
		"$(column VOL "$WORK/tasks" | add)" VOL
	equal "$(column INVOL "$WORK/cpus" | add)" \
		"$(json_column involuntary <"$VIEWS/tasks.json" | add)" INVOL
	equal "$(column IN "$WORK/cpus" | add)" \
		"$(column MIGR "$WORK/tasks" | add)" "migrations in"
	equal "$(column OUT "$WORK/cpus" | add)" \
		"$(column MIGR "$WORK/tasks" | add)" "migrations out"
	# Each of which is rounded to four digits.
	waits=$(column WAIT "$WORK/tasks" | add_times)
	between 1000 "$waits" 1000000000000 "waits, in ns"
	between $((waits - waits / 1000)) \
		"$(column WAIT "$WORK/cpus" | add_times)" \
		$((waits + waits / 1000)) "the CPUs' waits"
}

# may_run_on PID CPUS
may_run_on() {
	grep -q "^Cpus_allowed_list:[^0-9]*$2\$" "/proc/$1/status"
}

# A task that is sent from CPU to CPU is on each as often as it was sent there, if
# it has run there before it is sent back.
test_migrations_are_known() {
	need_cpus 2
	start_perftop views=tasks,cpus top="$ALL"
	background "$LOAD" -c 0 hog
	mine=$!
	# It may have begun on another CPU.
	eventually may_run_on "$mine" 0
	computes "$mine"
	# The slice that begins with the move counts when it ends.
	stop_task "$mine"
	usleep 100000
	reset_perftop
	kill -CONT "$mine"
	goes_on "$mine" 100
	for _ in 1 2 3 4 5; do
		for mask in 2 1; do
			taskset -p "$mask" "$mine" >/dev/null
			goes_on "$mine" 100
		done
	done
	stop_task "$mine"
	usleep 100000
	freeze
	cat "$VIEWS/tasks" >"$WORK/tasks"
	task "$mine" <"$WORK/tasks"
	for word in PID MIGR; do
		column "$word" "$WORK/tasks" >"$WORK/$word"
	done
	equal "$(paste "$WORK/PID" "$WORK/MIGR" |
		awk -v pid="$mine" '$1 + 0 == pid { print $2 }')" 10 MIGR
	cat "$VIEWS/cpus" >"$WORK/cpus"
	for word in IN OUT; do
		for cpu in 1 2; do
			between 5 "$(column "$word" "$WORK/cpus" | sed -n ${cpu}p)" \
				1000 "$word"
		done
	done
}

# A view that begins later accounts for what there was since.
test_a_late_view_adds_up() {
	start_perftop top="$ALL"
	something
	echo +tasks >"$PERFTOP"
	something
	cat "$VIEWS/tasks" >"$WORK/tasks"
	parts "$WORK/tasks"
	equal "$(column TICKS "$WORK/tasks" | add)" $((tasks + running)) rows
	reset_perftop
	something
	freeze
	cat "$VIEWS/tasks" >"$WORK/tasks"
	equal "$(column TICKS "$WORK/tasks" | add)" \
		"$(account all RANKED <"$ACCOUNTS")" "rows after a reset"
}

places_are_missed() {
	"$LOAD" fork 100
	[ -n "$(header state <"$VIEWS/tasks")" ]
}

# Nor is anything lost where there are more tasks than rows, and than places to
# keep what is known of them: those are claimed and given back all the time.
test_views_add_up_with_few_rows() {
	start_perftop "views=$SWITCHED" top="$ALL" table=16
	background "$LOAD" messages 4 100000000
	background "$LOAD" fork 100000000
	eventually places_are_missed
	freeze
	cat "$VIEWS/tasks" >"$WORK/tasks"
	parts "$WORK/tasks"
	equal "$(column TICKS "$WORK/tasks" | add)" $((tasks + overflow)) rows
	between 1 "$(header state <"$WORK/tasks")" 100000000 \
		"slices of tasks without a place"
}

# What the kernel has counted of a task that has only lived under our eyes.
test_tasks_are_the_kernels() {
	start_perftop views=tasks top="$ALL"
	background "$LOAD" -c "$LAST" share 30
	mine=$!
	background "$LOAD" -c "$LAST" share 20
	works "$mine"
	works $!
	sleep 1
	stop_task "$mine"
	task "$mine" <"$VIEWS/tasks" >"$WORK/row"
	cat "$WORK/row" "/proc/$mine/schedstat"
	read -r _ _ policy prio _ ticks _ _ switches vol wait unit _ \
		<"$WORK/row"
	equal "$policy $prio" "normal 0" "policy and priority"
	equal "$vol" "$(awk '/^vol/ { print $2 }' "/proc/$mine/status")" VOL
	equal $((switches - vol)) \
		"$(awk '/^nonvol/ { print $2 }' "/proc/$mine/status")" SWITCHES
	true_share "$ticks" "$mine" TICKS
	# To the last of four digits.
	wait=$(nanoseconds "$wait" "$unit")
	delay=$(run_delay "$mine")
	between $((delay - delay / 1000)) "$wait" $((delay + delay / 1000)) WAIT
	kill -KILL "$mine"
	until ! [ -e "/proc/$mine/stat" ] ||
		grep -q '^State:.Z' "/proc/$mine/status"; do
		usleep 10000
	done
	task "$mine" <"$VIEWS/tasks" | grep -q "^ *$mine+" || fail "not marked"
}

# In the order of switches the one that changes most often comes first.
test_tasks_by_switches() {
	start_perftop views=tasks
	"$LOAD" -c "$LAST" pingpong 3000
	background "$LOAD" hog 1
	sleep 1
	cat "$VIEWS/tasks.switches" >"$WORK/tasks"
	column SWITCHES "$WORK/tasks" >"$WORK/switches"
	sort -rn "$WORK/switches" | cmp - "$WORK/switches" || fail "no order"
	between 3000 "$(head -n 1 "$WORK/switches")" 30000 "the most"
}

is_reborn() {
	grep -q hog "/proc/$1/cmdline"
}

# Its first thread has ended, but what took its id runs.
test_a_process_that_is_reborn_has_not_ended() {
	start_perftop views=tasks
	background "$LOAD" -c "$LAST" reborn
	mine=$!
	eventually is_reborn "$mine"
	goes_on "$mine" 500
	for _ in 1 2 3; do
		cat "$VIEWS/tasks" >"$WORK/tasks"
		task "$mine" <"$WORK/tasks"
		grep -q "^ *$mine+" "$WORK/tasks" && fail "marked as ended"
		sleep 1
	done
	stop_task "$mine"
	kill_task "$mine"
	cat "$VIEWS/tasks" >"$WORK/tasks"
	grep "^ *$mine+" "$WORK/tasks" || fail "not marked as ended"
}

# sums KEY VALUE: of the values of each key, a line each.
sums() {
	paste -d '\t' "$1" "$2" | awk -F '\t' '
	{ sum[$1] += $2 }
	END { for (key in sum) printf "%s %.0f\n", key, sum[key] }' | sort
}

# Processes that come and go, threads, new programs in the place of old ones,
# kernel threads, and all of them change their names.
test_whose_time_it_is_all_agree() {
	start_perftop views=tasks,processes top="$ALL"
	reset_perftop
	"$LOAD" names 30
	"$LOAD" fork 150
	helper burn red 20 0
	background "$LOAD" reborn
	busy 20
	sleep 1
	helper stop
	freeze
	for file in folded tasks processes; do
		cat "$VIEWS/$file" >"$WORK/$file"
	done
	sed 's/;.*//; s/ [0-9]*$//' "$WORK/folded" >"$WORK/name"
	sed 's/.* //' "$WORK/folded" >"$WORK/ticks"
	sums "$WORK/name" "$WORK/ticks" >"$WORK/by-folded"
	column COMM "$WORK/processes" >"$WORK/name"
	column TICKS "$WORK/processes" >"$WORK/ticks"
	sums "$WORK/name" "$WORK/ticks" >"$WORK/by-processes"
	cat "$WORK/by-processes"
	cmp "$WORK/by-folded" "$WORK/by-processes" ||
		fail "$(diff "$WORK/by-folded" "$WORK/by-processes")"
	between 8 "$(wc -l <"$WORK/by-processes")" 200 names
	column PID "$WORK/processes" | tr -d '+*' >"$WORK/ids"
	sums "$WORK/ids" "$WORK/ticks" >"$WORK/by-processes"
	column TGID "$WORK/tasks" >"$WORK/ids"
	column TICKS "$WORK/tasks" >"$WORK/ticks"
	sums "$WORK/ids" "$WORK/ticks" >"$WORK/by-tasks"
	cmp "$WORK/by-tasks" "$WORK/by-processes" ||
		fail "$(diff "$WORK/by-tasks" "$WORK/by-processes")"
	between 100 "$(wc -l <"$WORK/by-tasks")" 2000 processes
}

# Each CPU's switches, between two readings of the kernel's.
test_cpus_are_the_kernels() {
	start_perftop views=cpus
	"$LOAD" snap "$WORK/start" "$SCHED" "=$PERFTOP" "$SCHED"
	busy 50
	"$LOAD" snap "$WORK/end" "$SCHED" "$VIEWS/cpus" "$SCHED"
	cpu=0
	while [ $cpu -lt "$CPUS" ]; do
		low=$(($(kernel_switches $cpu <"$WORK/end.1") -
			$(kernel_switches $cpu <"$WORK/start.3")))
		high=$(($(kernel_switches $cpu <"$WORK/end.3") -
			$(kernel_switches $cpu <"$WORK/start.1")))
		mine=$(column SWITCHES "$WORK/end.2" | sed -n $((cpu + 1))p)
		note "cpu $cpu: $low <= $mine <= $high"
		between "$low" "$mine" "$high" "switches of cpu $cpu"
		cpu=$((cpu + 1))
	done
}

# exit_of PID: its entry, in $WORK/row. A zombie has its last switch still to come.
exit_of() {
	grep " $1  *$1 " "$VIEWS/exits" >"$WORK/row"
}

# The exits say what the kernel says of a zombie.
test_exits_are_the_kernels() {
	start_perftop views=exits
	(
		"$LOAD" share 30 &
		echo $! >"$WORK/pid"
		exec sleep 1000
	) &
	parent=$!
	echo "$parent" >>"$WORK/background"
	until [ -s "$WORK/pid" ]; do
		usleep 10000
	done
	mine=$(cat "$WORK/pid")
	works "$mine"
	renice -n 5 -p "$mine" >/dev/null
	leaves "$mine" 10
	kill -KILL "$mine"
	until grep -q '^State:.Z' "/proc/$mine/status"; do
		usleep 10000
	done
	eventually exit_of "$mine"
	cat "$WORK/row"
	read -r _ _ _ _ ppid _ policy prio nice _ _ vol invol _ <"$WORK/row"
	equal "$ppid $policy" "$parent normal" "parent and policy"
	equal "$prio $nice" "$(awk '{ print $18, $19 }' "/proc/$mine/stat")" \
		"priority and nice"
	equal "$vol" "$(awk '/^vol/ { print $2 }' "/proc/$mine/status")" VOL
	equal "$invol" "$(awk '/^nonvol/ { print $2 }' "/proc/$mine/status")" \
		INVOL
	kill -KILL "$parent"
	# None ended before there was time.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		busy 2 &
		cat "$VIEWS/exits"
	done | awk '$2 == "s" && $1 > 1000' | grep . && fail "long ago"
	wait
}

# What a task has waited, by the kernel's account: in ns, since it began.
run_delay() {
	awk '{ print $2 }' "/proc/$1/schedstat"
}

# A real-time task holds the CPU for 6 of each 10 ms: so long another one waits
# there, where the clock counts instructions. Elsewhere the emulator may be
# stopped meanwhile, and what all waits add up to is the kernel's.
test_latency_of_a_known_wait() {
	start_perftop views=latency
	background "$LOAD" -c "$LAST" hog
	mine=$!
	computes "$mine"
	background "$LOAD" -c "$LAST" fifo 50 60
	works $!
	first=$(run_delay "$mine")
	echo latency pid="$mine" >"$PERFTOP"
	second=$(run_delay "$mine")
	sleep 4
	third=$(run_delay "$mine")
	grep "^wait, pid $mine" "$VIEWS/latency" >"$WORK/line"
	fourth=$(run_delay "$mine")
	cat "$WORK/line"
	read -r count _ <<-END
		$(words_after count <"$WORK/line")
	END
	# One more wait may have ended, or not, at either end.
	longest=$(time_after longest <"$WORK/line")
	sum=$(($(time_after average <"$WORK/line") * count))
	note "waited $((third - second)) to $((fourth - first)) ns, sum $sum"
	between $(((third - second) * 99 / 100 - longest)) "$sum" \
		$(((fourth - first) * 101 / 100 + longest)) "all waits, ns"
	[ "$PERCENT" = 1 ] || return 0
	between 350 "$count" 450 "how many waits"
	between 5000000 "$(time_after p50 <"$WORK/line")" 7000000 \
		"half of the waits, ns"
}

# Two share a CPU while the probes are off: what each waits then, a little at a
# time, is not one wait afterwards. All that it has waited while they were on, and
# the time that was, may be one where the host stops all; the others took longer.
test_waits_that_went_unseen_are_not_one() {
	start_perftop views=tasks,latency
	background "$LOAD" -c "$LAST" hog
	mine=$!
	background "$LOAD" -c "$LAST" hog
	computes "$mine"
	computes $!
	from=$(uptime_us) waited=$(run_delay "$mine")
	echo latency pid="$mine" >"$PERFTOP"
	sleep 1
	echo 0 >"$PROBES_ON"
	seen=$(($(uptime_us) - from)) before=$(run_delay "$mine")
	sleep 4
	from=$(uptime_us)
	# They are armed one by one: of a slice that ends meanwhile the half is seen.
	stop_task "$mine"
	after=$(run_delay "$mine")
	echo 1 >"$PROBES_ON"
	kill -CONT "$mine"
	[ "$after" -gt "$before" ] || fail "it did not wait"
	sleep 1
	stop_task "$mine"
	grep ", pid $mine" "$VIEWS/latency" >"$WORK/lines"
	seen=$((seen + $(uptime_us) - from + 20000))
	waited=$((before - waited + $(run_delay "$mine") - after))
	task "$mine" <"$VIEWS/tasks" >>"$WORK/lines"
	cat "$WORK/lines"
	note "waited $((after - before)) ns unseen, $waited ns seen, in $seen us"
	# To the last of four digits.
	between 1 "$(grep "^wait" "$WORK/lines" | time_after longest)" \
		$((waited + waited / 1000)) "the longest wait, ns"
	between 1 "$(grep "^period" "$WORK/lines" | time_after longest)" \
		$((seen * 1001)) "the longest period, ns"
}

# words_after WORD <LINE: the two words behind it.
words_after() {
	awk -v word="$1" '{
		for (i = 1; i < NF; i++)
			if ($i == word)
				print $(i + 1), $(i + 2)
	}'
}

# time_after WORD <LINE: in ns.
time_after() {
	# shellcheck disable=SC2046
	nanoseconds $(words_after "$1")
}

# nanoseconds NUMBER UNIT
nanoseconds() {
	awk -v number="$1" -v unit="$2" 'BEGIN {
		printf "%.0f\n", number * (unit == "s" ? 1e9 :
			unit == "ms" ? 1e6 : unit == "us" ? 1e3 : 1)
	}'
}

# Held for 60 ms by a thread that cannot be preempted, a CPU lets a real-time
# task wait that wakes up each 10 ms.
test_inversion_is_seen() {
	n=0
	# Where checks are slow, to come and to go takes more than a millisecond.
	start_perftop views=inversion inversion_us=15000
	background "$LOAD" -c "$LAST" fifo 50 1
	mine=$!
	works "$mine"
	for _ in 1 2 3; do
		helper hold 60 "$LAST"
	done
	leaves "$mine" 2
	cat "$VIEWS/inversion" >"$WORK/inversion"
	cat "$WORK/inversion"
	grep "load\[$mine\] (fifo 50) .*hold\[[0-9]*\] (normal 0)" \
		"$WORK/inversion" >"$WORK/rows" || fail "no such row"
	# It wakes up within the first 10 ms of each.
	while read -r count total unit longest longest_unit _; do
		n=$((n + count))
		total=$(nanoseconds "$total" "$unit")
		longest=$(nanoseconds "$longest" "$longest_unit")
		between $((count * 20000000)) "$total" $((count * longest)) TOTAL
		between 20000000 "$longest" "$total" LONGEST
	done <"$WORK/rows"
	equal "$n" 3 COUNT
}

# More pairs of tasks than there is room for.
test_inversions_of_many() {
	start_perftop views=inversion table=16 top="$ALL"
	background "$LOAD" -c "$LAST" fifo 50 1
	works $!
	n=0
	until grep -q '\[others\] *-$' "$VIEWS/inversion"; do
		[ "$n" -lt 500 ] || fail "no row of others"
		helper hold 15 "$LAST"
		n=$((n + 1))
	done
	note "$n times"
	cat "$VIEWS/inversion" >"$WORK/inversion"
	grep -c '\] (.*\] (' "$WORK/inversion" | {
		read -r rows
		equal "$rows" 16 rows
	}
}

# limit_cpu PID: it gets 10 ms of each 100, as cpu.max says.
limit_cpu() {
	grep -q '^cpu	' /proc/cgroups || skip "this kernel has no cpu.max"
	GROUP=$WORK/cgroup/limited
	mkdir -p "$WORK/cgroup"
	[ -e "$WORK/cgroup/cgroup.procs" ] || mount -t cgroup2 none "$WORK/cgroup"
	echo +cpu >"$WORK/cgroup/cgroup.subtree_control"
	mkdir -p "$GROUP"
	[ -e "$GROUP/cpu.max" ] || skip "this kernel has no cpu.max"
	echo "10000 100000" >"$GROUP/cpu.max"
	echo "$1" >"$GROUP/cgroup.procs"
}

# held PID FILE: in ns.
held() {
	column PID "$2" | tr -d '+*' >"$WORK/ids"
	column HELD "$2" | paste "$WORK/ids" - | awk -v pid="$1" '
		$1 == pid { print $2 }' | add_times
}

# Of one that is limited, HELD is what the kernel says that its group was
# throttled; nobody else is held, whatever they do.
test_held_is_what_was_throttled() {
	start_perftop views=tasks,processes,cpus,latency top="$ALL"
	background "$LOAD" -c "$LAST" hog
	mine=$!
	computes "$mine"
	limit_cpu "$mine"
	reset_perftop
	begun=$(awk '/^throttled_usec/ { print $2 }' "$GROUP/cpu.stat")
	sleep 4
	# It is stopped when it is allowed to run again.
	stop_task "$mine"
	throttled=$(awk '/^throttled_usec/ { print $2 }' "$GROUP/cpu.stat")
	throttled=$(((throttled - begun) * 1000))
	freeze
	for view in tasks processes cpus; do
		cat "$VIEWS/$view" >"$WORK/$view"
	done
	between 1000000000 "$throttled" 600000000000 "throttled, in ns"
	for view in tasks processes; do
		held=$(held "$mine" "$WORK/$view")
		note "$view: held $held ns, throttled $throttled ns"
		between $((throttled - throttled / 20)) "$held" \
			$((throttled + throttled / 20)) "$view: HELD"
		equal "$(column HELD "$WORK/$view" | add_times)" "$held" \
			"$view: who was held"
	done
	near_times "$(column HELD "$WORK/cpus" | add_times)" "$held" "cpus: HELD"
	grep '^held, all' "$VIEWS/latency"
	# Until it is gone, it is still limited.
	kill_task "$mine"
	echo filter off >"$PERFTOP"
	reset_perftop
	background "$LOAD" -c "$LAST" share 30
	background "$LOAD" -c "$LAST" hog
	background "$LOAD" -c 0 fifo 50 10
	busy 30
	"$LOAD" -c "$LAST" pingpong 500
	sleep 1
	freeze
	cat "$VIEWS/tasks" >"$WORK/tasks"
	equal "$(column HELD "$WORK/tasks" | grep -cv '^0ns$')" 0 \
		"others that were held"
}

# near_times A B WHAT: both rounded to four digits.
near_times() {
	between $(($2 - $2 / 500)) "$1" $(($2 + $2 / 500)) "$3"
}

is_gone() {
	[ ! -e "/proc/$1" ]
}

# A deadline task whose budget is spent, and a real-time task beyond the limit of
# all of them, may not run: nobody is in their way. Since the host may stop all in
# front of one that has just woken up, what counts is not much less than the time
# that they may not run.
test_who_may_not_run_is_not_kept_from_it() {
	start_perftop views=inversion,tasks top="$ALL" inversion_us=120000
	background "$LOAD" -c "$LAST" hog
	background "$LOAD" deadline 20000 200000 3
	deadline=$!
	eventually is_gone "$deadline"
	echo 40000 >/sys/module/perftop/parameters/inversion_us
	background "$LOAD" -c "$LAST" fifo 50 100
	fifo=$!
	# 0.95 s of each second, the rest is others'.
	sleep 4
	cat "$VIEWS/tasks" >"$WORK/tasks"
	cat "$VIEWS/inversion" >"$WORK/inversion"
	for pid in "$deadline" "$fifo"; do
		column PID "$WORK/tasks" | tr -d '+*' >"$WORK/ids"
		waited=$(column WAIT "$WORK/tasks" | paste "$WORK/ids" - |
			awk -v pid="$pid" '$1 == pid { print $2 }' | add_times)
		note "$pid waited $waited ns"
		! grep "load\[$pid\].* load\[" "$WORK/inversion" ||
			fail "an inversion"
	done
}

# wait_of PID FILE: in us.
wait_of() {
	column PID "$2" | tr -d '+*' >"$WORK/ids"
	column WAIT "$2" | paste "$WORK/ids" - | awk -v pid="$1" '
		$1 == pid { print $2 }' | add_times | sed 's/...$//'
}

# Who starves is on top of those that wait, before he has had the CPU again, and
# one that never had it as well.
test_starving_is_shown() {
	need_cpus 2
	# To switch that off makes 6.12 report a bug of its own.
	[ ! -e /sys/kernel/debug/sched/fair_server ] ||
		skip "here fair tasks get a part of a CPU in any case"
	# cleanup undoes it.
	echo -1 >/proc/sys/kernel/sched_rt_runtime_us
	start_perftop views=tasks,processes,latency top="$ALL"
	background "$LOAD" -c "$LAST" hog
	mine=$!
	computes "$mine"
	background "$LOAD" -c "$LAST" fifo 50 100
	rt=$!
	computes "$rt"
	background "$LOAD" -c "$LAST" hog
	never=$!
	eventually may_run_on "$never" "$LAST"
	sleep 1
	for n in 1 2; do
		uptime_us >"$WORK/before.$n"
		cat "$VIEWS/tasks.wait" >"$WORK/waits.$n"
		uptime_us >"$WORK/after.$n"
		sleep 2
	done
	cat "$VIEWS/latency" >"$WORK/latency"
	cat "$VIEWS/processes" >"$WORK/processes"
	kill -KILL "$rt"
	for pid in "$mine" "$never"; do
		grep "^ *${pid}[*]* .* (waiting)$" "$WORK/waits.2" ||
			fail "$pid: no row"
		grep -q "^ *${pid}[*]* .* (waiting)$" "$WORK/processes" ||
			fail "$pid: not among processes"
	done
	equal "$(column PID "$WORK/waits.2" | sed -n '1s/[*]*$//p')" "$mine" \
		"the longest"
	first=$(wait_of "$mine" "$WORK/waits.1")
	second=$(wait_of "$mine" "$WORK/waits.2")
	# Each is rounded to a millisecond here, and the clock to 10.
	between $(($(cat "$WORK/before.2") - $(cat "$WORK/after.1") - 12000)) \
		$((second - first)) \
		$(($(cat "$WORK/after.2") - $(cat "$WORK/before.1") + 12000)) \
		"how far it has grown, in us"
	grep '^wait, all tasks' "$WORK/latency" | tee "$WORK/row"
	between 4000000000 "$(sed 's/.*waiting [0-9]*, //' "$WORK/row" |
		time_after longest)" 600000000000 "the longest in latency"
	# What was shown of it has been counted now, and no more.
	sleep 1
	stop_task "$mine"
	cat "$VIEWS/tasks" >"$WORK/tasks"
	grep "^ *${mine}[*]* " "$WORK/tasks" | grep -v '(' || fail "still waiting"
	delay=$(run_delay "$mine")
	between $((second * 1000 - 1000000)) "$delay" 600000000000 \
		"its run_delay"
	near_times "$(wait_of "$mine" "$WORK/tasks")" $((delay / 1000)) WAIT
}

# A wait for a mutex whose owner has lost its CPU, timed by the waiter itself.
test_inversion_on_a_mutex() {
	need_cpus 2
	if ! grep -q contention_begin "$TRACE/available_events" ||
		uname -v | grep -q PREEMPT_RT; then
		skip "the kernel does not tell"
	fi
	start_perftop views=inversion top="$ALL"
	# Between them other locks are waited for.
	background "$LOAD" messages 4 100000
	seen=0
	for _ in $(seq 30); do
		helper invert 60 "$LAST"
		read -r _ pid waited <<-END
			$(grep '^waited' "$HELPER")
		END
		# If the waiter was held up too long, the owner was back.
		grep " mutex  *waiter\[$pid\]" "$VIEWS/inversion" \
			>"$WORK/row" || continue
		cat "$WORK/row"
		read -r count total unit longest longest_unit _ <"$WORK/row"
		equal "$count" 1 "episodes of one wait"
		equal "$total $unit" "$longest $longest_unit" "total and longest"
		total=$(nanoseconds "$total" "$unit")
		between 1 "$total" $((waited + waited / 100)) "the wait in ns"
		# Likewise if it was held up before the mutex.
		[ "$total" -ge $((waited * 9 / 10)) ] || continue
		seen=$((seen + 1))
		[ "$seen" -lt 3 ] || return 0
	done
	fail "$seen waits in the table"
}

# A filter keeps out all but what it names, and all of that is accounted for.
test_filters() {
	start_perftop views=tasks top="$ALL"
	background "$LOAD" -c "$LAST" share 30
	mine=$!
	background "$LOAD" -c "$LAST" fifo 50 10
	fifo=$!
	works "$mine"
	works "$fifo"
	for words in "pid=$mine" "tgid=$mine" "comm=load,class=fair" \
		"class=rt" "cpu=$LAST" "shortest=2ms" "longest=100us"; do
		echo "filter $words" >"$PERFTOP"
		reset_perftop
		busy 5
		leaves "$mine" 10
		leaves "$fifo" 10
		cat "$VIEWS/tasks" >"$WORK/tasks"
		cat "$PERFTOP" >"$WORK/stacks"
		cat "$ACCOUNTS" >"$WORK/accounts"
		identity "$WORK/accounts"
		# With one CPU, what ran there is all there is.
		least=1
		[ "$words" != cpu=0 ] || least=0
		for file in tasks stacks; do
			parts "$WORK/$file"
			between "$least" "$filtered" "$whole" "$words: filtered"
		done
		column PID "$WORK/tasks" | tr -d '+*' >"$WORK/pids"
		note "$words: $(wc -l <"$WORK/pids") tasks"
		case $words in
		pid=* | tgid=*)
			equal "$(cat "$WORK/pids")" "$mine" "$words: tasks" ;;
		class=rt)
			grep -qx "$fifo" "$WORK/pids" ||
				fail "$words: no $fifo: $(cat "$WORK/tasks")"
			! grep -qx "$mine" "$WORK/pids" ||
				fail "$words: a normal one"
			# There a lock may lend others its waiter's priority.
			uname -v | grep -q PREEMPT_RT ||
				! column POLICY "$WORK/tasks" |
				grep -qx normal ||
				fail "$words: normal ones" ;;
		comm=*)
			equal "$(column COMM "$WORK/tasks" | sort -u)" load \
				"$words: names" ;;
		cpu=*)
			# Who has only waited has had none.
			equal "$(column CPUS "$WORK/tasks" | grep -v '^-$' |
				sort -u)" "$LAST" "$words: CPUs" ;;
		esac
	done
	echo filter off >"$PERFTOP"
	reset_perftop
	busy 5
	equal "$(account all FILTERED <"$ACCOUNTS")" 0 "filtered when off"
}

# Idle time is no task's, and so is not filtered, ranked or not.
test_idle_is_never_filtered() {
	start_perftop idle=1 views=tasks top="$ALL" filter=comm=nobody
	sleep 2
	cat "$VIEWS/tasks" >"$WORK/tasks"
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
	elapsed=$(account all ELAPSED <"$WORK/accounts")
	# Of what the host has taken, any part may be somebody's.
	between $((elapsed / 10)) "$(account all IDLE <"$WORK/accounts")" \
		"$elapsed" idle
	parts "$WORK/tasks"
	between $((whole / 10)) "$idle" "$whole" "idle in tasks"
	! column COMM "$WORK/tasks" | grep swapper || fail "an idle task's row"
}

# A list of CPUs has commas, as what is between the words.
test_filter_takes_lists() {
	need_cpus 2
	start_perftop views=cpus,tasks filter=comm=load,cpu=0,1,class=fair
	grep -q '^filter  *comm=load,cpu=0,1,class=fair' "$PERFTOP" || fail "words"
	equal "$(stat -c %a /sys/module/perftop/parameters/filter)" 400 "mode"
	equal "$(cat /sys/module/perftop/parameters/filter)" \
		"comm=load,cpu=0,1,class=fair" "the parameter"
	equal "$(cat /sys/module/perftop/parameters/views)" cpus,tasks "views"
	echo filter cpu=0-1,1 pid=1 >"$PERFTOP"
	for bad in cpu=0,x "cpu=," cpu=0,1,pid shortest=5ms,longest=1ms pid=0 \
		longest=99999999999999999999s 1,cpu=0 "comm=load comm=2"; do
		echo "filter $bad" 2>/dev/null >"$PERFTOP" && fail "$bad: taken"
	done
	grep -q '^filter  *cpu=0-1,1 pid=1' "$PERFTOP" || fail "another filter"
}

# Names of threads as printf takes them, in the table, and in a folded line.
names() {
	cat <<'END'
Web Content|Web Content|Web_Content
DOM,Worker|DOM,Worker|DOM,Worker
voil\303\240|voil\303\240|voil\303\240
\305\273\303\263\305\202w|\305\273\303\263\305\202w|\305\273\303\263\305\202w
0123456789abcd\303|0123456789abcd\357\277\275|0123456789abcd\357\277\275
a"b\\c=d;e|a"b\\c=d;e|a"b\\c=d_e
[overflow]|?overflow]|?overflow]
tab\tesc\033|tab?esc?|tab?esc?
\342\200\256txt|?txt|?txt
|?|?
END
}

# Each name is printed so that it is known again and moves no cursor, and each
# can be filtered for, byte by byte.
# shellcheck disable=SC2059
test_names_are_seen_and_selected() {
	start_perftop views=tasks top="$ALL"
	names >"$WORK/names"
	while IFS='|' read -r name shown folded; do
		name=$(printf "$name")
		background "$LOAD" named "$name" 30
		mine=$!
		works "$mine" "$name"
		bytes=$(printf %s "$name" | od -An -v -tx1 | tr -d '\n' |
			sed 's/ /\\x/g')
		printf 'filter comm="%s",none\n0\n' "$bytes" >"$PERFTOP"
		leaves "$mine" 10
		freeze
		stop_task "$mine"
		cat "$VIEWS/tasks" >"$WORK/tasks"
		cat "$VIEWS/folded" >"$WORK/folded"
		equal "$(column PID "$WORK/tasks" | tr -d '+*')" "$mine" "PID"
		equal "$(under_header "$WORK/tasks" |
			sed 's/.* [0-9]*\.[0-9][0-9] //; s/ ([a-z, ]*)$//')" \
			"$(printf "$shown")" COMM
		equal "$(grep -v '^\[' "$WORK/folded" | cut -d';' -f1 | sort -u)" \
			"$(printf "$folded")" folded
	done <"$WORK/names"
}

# In a parameter, what has blanks stands in quotes; a comma is between words.
test_filter_takes_quotes() {
	start_perftop 'filter=comm="Web Content",x,class=fair'
	grep -qx 'filter  *comm="Web Content",x,class=fair' "$PERFTOP" ||
		fail "$(grep ^filter "$PERFTOP")"
	for bad in 'comm="a' 'comm=a"b"' 'comm="\q"' 'pid=1 pid=2' \
		cpu=0,cpu=0 'comm=Web Content'; do
		echo "filter $bad" 2>/dev/null >"$PERFTOP" && fail "$bad: taken"
	done
	# One bad line, and nothing is done.
	printf '+tasks\nfilter off\n+nothing\n' 2>/dev/null >"$PERFTOP" &&
		fail "a view that there is not"
	grep -q '^filter' "$PERFTOP" || fail "no filter any more"
	grep -q '^tasks  *no' "$VIEWS/views" || fail "tasks is on"
	printf '+tasks\nfilter off\n' >"$PERFTOP"
	grep -q '^filter' "$PERFTOP" && fail "still a filter"
	grep -q '^tasks  *yes' "$VIEWS/views" || fail "tasks is off"
}

# A task that changes its CPU while it is kept out comes back to its own row.
test_rows_keep_to_their_tasks() {
	need_cpus 2
	start_perftop views=tasks top="$ALL"
	background "$LOAD" share 30
	mine=$!
	taskset -p 1 "$mine" >/dev/null
	works "$mine"
	echo filter comm=nobody >"$PERFTOP"
	taskset -p 2 "$mine" >/dev/null
	leaves "$mine" 10
	echo filter off >"$PERFTOP"
	leaves "$mine" 10
	cat "$VIEWS/tasks" >"$WORK/tasks"
	grep ' load\( ([a-z, ]*)\)\?$' "$WORK/tasks" | tee "$WORK/rows"
	equal "$(wc -l <"$WORK/rows")" 1 "rows of the load"
	task "$mine" <"$WORK/rows" | grep -q . || fail "not its own"
}

# What flame graph tools read: frames between semicolons, a blank, a number.
test_folded_is_folded() {
	start_perftop
	helper burn red 30 0
	busy 10
	sleep 2
	cat "$VIEWS/folded" >"$WORK/folded"
	grep -vE '^[^ ;][^;]*(;[^;]+)* [0-9]+$' "$WORK/folded" |
		grep -v '^\[' && fail "a line of another form"
	grep -q '^red;.*kthread;red_thread.*;red_rest.*;schedule [0-9]*$' \
		"$WORK/folded" || fail "$(grep ^red "$WORK/folded")"
}

# All of them together are the header's: what has ended and what has not, also
# where two threads of a process are in the same function.
test_folded_is_the_whole() {
	need_cpus 4
	start_perftop stack=user
	background "$LOAD" spinners 3
	for _ in 1 2 3 4 5; do
		sleep 1
		"$LOAD" snap "$WORK/snap" "$ACCOUNTS" "$VIEWS/folded" "$ACCOUNTS"
		low=$(account all RANKED <"$WORK/snap.1")
		low=$((low + $(account all RUNNING <"$WORK/snap.1")))
		high=$(account all RANKED <"$WORK/snap.3")
		high=$((high + $(account all RUNNING <"$WORK/snap.3")))
		between "$low" "$(sed 's/.* //' "$WORK/snap.2" | add)" "$high" \
			"ticks of all lines"
	done
}

# The examples of views, where they have been built in: time by parent process, and
# by policy.
test_added_view() {
	[ "${VARIANT-}" = parents ] || skip "perftop.ko is as it ships"
	start_perftop views=parents,policies top="$ALL" table=1024
	something
	freeze
	ranked=$(account all RANKED <"$ACCOUNTS")
	for view in parents policies; do
		cat "$VIEWS/$view" >"$WORK/$view"
		cat "$WORK/$view"
		parts "$WORK/$view"
		equal "$tasks" "$ranked" "tasks in the header of $view"
		equal "$(column TICKS "$WORK/$view" | add)" "$ranked" \
			"rows of $view"
	done
	column PARENT "$WORK/parents" | grep -qx 2 || fail "no kernel threads"
	for word in normal fifo; do
		column POLICY "$WORK/policies" | grep -qx "$word" ||
			fail "no policy $word"
	done
	reset_perftop
	for view in parents policies; do
		equal "$(column TICKS "$VIEWS/$view" | add)" 0 \
			"rows of $view after a reset"
	done
	echo filter class=rt >"$PERFTOP"
	helper fifo blue 20 "$LAST"
	sleep 1
	helper stop
	freeze
	equal "$(column PARENT "$VIEWS/parents" | sort -n | tail -n 1)" 2 \
		"the only parent of a real-time task"
	equal "$(column POLICY "$VIEWS/policies")" fifo \
		"the only policy of a real-time task"
	stop_perftop
	start_perftop views=parents table=16 top="$ALL"
	busy 30
	freeze
	cat "$VIEWS/parents" >"$WORK/parents"
	parts "$WORK/parents"
	equal "$(column TICKS "$WORK/parents" | add)" $((tasks + overflow)) \
		"rows with few records"
}
