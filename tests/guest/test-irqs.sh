# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2153
# Are interrupts counted as the kernel counts them, and is their time theirs alone?

: "${IRQ_ROUNDS:=12}"

ALL_JSON=/proc/perftop.d/all.json
TABLES="stacks tasks processes cpus"

# --- what files say --------------------------------------------------------

# head_of VIEW ID <all.json: a figure of its head.
head_of() {
	sed -n "/^\"$1\":{\"on\"/s/.*,\"$2\":\"\([0-9]*\)\".*/\1/p"
}

# irq_rows <ROWS: a line for each, KIND NUMBER CPU COUNT TIME; of sums no CPU.
irq_rows() {
	awk '
	function member(id) {
		return match($0, "\"" id "\":\"?[-a-z0-9]*") ?
			substr($0, RSTART + length(id) + 3, RLENGTH - length(id) - 3) : "-"
	}
	/^\{"record"/ {
		line = member("kind") " " member("number") " " member("cpu") " " \
			member("count") " " member("time")
		gsub(/"/, "", line)
		print line
	}'
}

# of_cpu CPU COLUMN <ROWS: the figure in the row of a CPU.
of_cpu() {
	grep "\"cpu\":$1," | json_column "$2"
}

# spent NAME COLUMN <$HELPER: 2: how often, 3: ticks, 4: the longest of them.
spent() {
	awk -v name="$1" -v column="$2" '$1 == name { print $column }'
}

# identity_of FILE: in each head of all.json the parts are the whole.
identity_of() {
	for view in $TABLES accounts irqs; do
		grep -q "^\"$view\":{" "$1" || continue
		parts=0
		for part in ranked running idle overflow unattributed filtered \
			interrupts; do
			parts=$((parts + $(head_of "$view" "$part" <"$1")))
		done
		equal "$parts" "$(head_of "$view" elapsed <"$1")" "$view: the parts"
	done
}

# --- counts ----------------------------------------------------------------

# kernels_counts FILE...: a line for each, NAME CPU COUNT: what has no several
# handlers, and no tracepoint that tells of each.
kernels_counts() {
	cat "$@" | awk '
	/^ *CPU[0-9]/ {
		for (i = 1; i <= NF; i++)
			cpu[i] = substr($i, 4)
		cpus = NF
		next
	}
	/,/ { next }
	{ sub(/:$/, "", $1) }
	$1 ~ /^([0-9]+|LOC|RES|CAL|IWI|HI|[A-Z]+_[A-Z]+|TIMER|BLOCK|TASKLET|SCHED|HRTIMER|RCU)$/ {
		for (i = 1; i <= cpus; i++)
			print $1, cpu[i], $(i + 1)
	}'
}

# our_counts <irqs.json: the same.
our_counts() {
	irq_rows | awk '
	BEGIN {
		split("HI TIMER NET_TX NET_RX BLOCK IRQ_POLL TASKLET SCHED " \
			"HRTIMER RCU", softirq)
		vector[236] = "LOC"
		vector[253] = "RES"
		vector[252] = vector[251] = "CAL"
		vector[246] = "IWI"
	}
	{
		name = $1 == "irq" ? $2 : $1 == "local" ? vector[$2] : softirq[$2 + 1]
		n[name " " $3] += $4
	}
	END { for (i in n) print i, n[i] }'
}

# What the two say is counted between the first two readings and the last two.
compare_counts() {
	kernels_counts "$WORK/start.1" "$WORK/start.2" >"$WORK/kernel.1"
	kernels_counts "$WORK/start.4" "$WORK/start.5" >"$WORK/kernel.2"
	kernels_counts "$WORK/end.1" "$WORK/end.2" >"$WORK/kernel.3"
	kernels_counts "$WORK/end.4" "$WORK/end.5" >"$WORK/kernel.4"
	our_counts <"$WORK/end.3" >"$WORK/ours"
	awk '
	FILENAME ~ /kernel/ {
		n[substr(FILENAME, length(FILENAME)), $1 " " $2] = $3
		names[$1 " " $2]
	}
	FILENAME ~ /ours/ { ours[$1 " " $2] = $3; names[$1 " " $2] }
	END {
		for (i in names) {
			low = n[3, i] - n[2, i]
			high = n[4, i] - n[1, i]
			lines++
			exact += low == high
			if (high)
				print "# " i ": " low " <= " ours[i] + 0 " <= " high
			if (ours[i] + 0 < low || ours[i] + 0 > high)
				wrong = wrong " " i
		}
		print "# " lines " counts, " exact " between equal readings"
		if (wrong)
			print "wrong:" wrong
	}' "$WORK"/kernel.[1234] "$WORK/ours" >"$WORK/compared"
	cat "$WORK/compared"
	! grep -q '^wrong' "$WORK/compared"
}

of_all_kinds() {
	helper timer 5000 10 0
	helper storm 100 "$LAST"
	busy 30
	"$LOAD" -c "$LAST" pingpong 500
	"$LOAD" pingpong 500
	"$LOAD" datagrams 100
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		echo "perftop-tests: an interrupt" >/dev/ttyS0
	done
	helper stop
	sleep 1
}

count_all_kinds() {
	"$LOAD" snap "$WORK/start" /proc/interrupts /proc/softirqs "=$PERFTOP" \
		/proc/interrupts /proc/softirqs
	of_all_kinds
	"$LOAD" snap "$WORK/end" /proc/interrupts /proc/softirqs "$VIEWS/irqs.json" \
		/proc/interrupts /proc/softirqs
	compare_counts
}

# What the kernel has counted already and goes on at the cut, ends behind it: that
# is seldom, and not so again and again.
test_interrupts_are_the_kernels() {
	start_perftop views=irqs
	for _ in 1 2 3; do
		! count_all_kinds || return 0
	done
	fail "each time"
}

# --- time ------------------------------------------------------------------

# bracket_begins: what is spent counts from the reset on.
bracket_begins() {
	"$LOAD" snap "$WORK/start" "$HELPER" "=$PERFTOP" "$HELPER"
}

# bracket_ends: it has been $low to $high ticks, as $count times. Of one that is
# going on a part may be in it, or not.
bracket_ends() {
	"$LOAD" snap "$WORK/end" "$HELPER" "$ALL_JSON" "$HELPER"
	longest=$(spent timer 4 <"$WORK/end.3")
	low=$(($(spent timer 3 <"$WORK/end.1") -
	       $(spent timer 3 <"$WORK/start.3") - longest))
	high=$(($(spent timer 3 <"$WORK/end.3") -
		$(spent timer 3 <"$WORK/start.1") + longest))
	count=$(($(spent timer 2 <"$WORK/end.3") - $(spent timer 2 <"$WORK/start.1")))
	[ "$count" -gt 10 ] || fail "the timer came $count times"
}

# slack TICKS TIMES: what else there was, and what is around the timer's function.
slack() {
	echo $(($1 * PERCENT / 100 + $(khz <"$PERFTOP") * EACH_US * $2 / 1000))
}

# share A B: in per cent
share() {
	echo $((100 * $1 / $2))
}

test_a_timers_time_is_not_idle() {
	start_perftop views=irqs,cpus
	helper timer 10000 50 "$LAST"
	sleep 1
	bracket_begins
	sleep 5
	bracket_ends
	json_rows accounts <"$WORK/end.2" >"$WORK/accounts.json"
	taken=$(of_cpu "$LAST" interrupts <"$WORK/accounts.json")
	elapsed=$(of_cpu "$LAST" elapsed <"$WORK/accounts.json")
	idle=$(of_cpu "$LAST" idle <"$WORK/accounts.json")
	note "$count times, $low to $high ticks; interrupts $taken," \
		"idle $idle of $elapsed"
	between "$low" "$taken" $((high + $(slack "$high" "$count"))) interrupts
	between 0 "$idle" $((elapsed - low)) idle
	between 35 "$(share "$taken" "$elapsed")" 65 "interrupts' share"
	between 30 "$(share "$idle" "$elapsed")" 65 "idle share"
	identity_of "$WORK/end.2"
	check_accounts
	# The view says the same, each time cut to nanoseconds.
	time=$(json_rows irqs <"$WORK/end.2" | irq_rows |
		awk -v cpu="$LAST" '$1 == "local" && $2 == 236 && $3 == cpu { print $5 }')
	ticks=$((time * $(khz <"$PERFTOP") / 1000000))
	between $((low - $(slack "$low" "$count"))) "$ticks" \
		"$((taken + longest))" "the timer's row"
}

# ticks_of_pid PID TABLE <all.json: of its rows, an open slice's among them.
ticks_of_pid() {
	json_rows "$2" | grep "\"pid\":$1," | json_column ticks | add
}

# Latency is gross: between the two lies what interrupts have taken from it.
test_a_hogs_ticks_are_net() {
	start_perftop views=irqs,tasks,processes,cpus,latency top="$ALL"
	background "$LOAD" -c "$LAST" hog
	hog=$!
	computes "$hog"
	helper timer 10000 30 "$LAST"
	sleep 1
	echo "latency pid=$hog" >"$PERFTOP"
	bracket_begins
	goes_on "$hog" 3000
	stop_task "$hog"
	bracket_ends
	helper stop
	net=$(ticks_of_pid "$hog" tasks <"$WORK/end.2")
	gross=$(json_rows latency <"$WORK/end.2" |
		grep '"kind":"slice","whose":"asked"' | json_column sum)
	gross=$((gross * ($(khz <"$PERFTOP") / 1000) / 1000))
	json_rows accounts <"$WORK/end.2" >"$WORK/accounts.json"
	interrupts=$(of_cpu "$LAST" interrupts <"$WORK/accounts.json")
	elapsed=$(of_cpu "$LAST" elapsed <"$WORK/accounts.json")
	rest=$((elapsed - interrupts - $(of_cpu "$LAST" idle <"$WORK/accounts.json")))
	note "net $net, gross $gross, interrupts $interrupts of $elapsed;" \
		"timer $low to $high"
	between $((rest * 70 / 100)) "$net" "$rest" "the hog's ticks"
	between $((low * 70 / 100)) $((gross - net)) \
		$((interrupts + $(slack "$interrupts" 1))) "between gross and net"
	identity_of "$WORK/end.2"
}

# In each table that accounts for time the parts and the rows are the whole, and
# interrupts are the same.
test_all_tables_are_net() {
	start_perftop views=irqs,tasks,processes,cpus top="$ALL"
	helper timer 3000 30 "$LAST"
	reset_perftop
	for _ in 1 2 3; do
		something_with_interrupts
		cat "$ALL_JSON" >"$WORK/all"
		identity_of "$WORK/all"
		interrupts=$(head_of accounts interrupts <"$WORK/all")
		[ "$interrupts" -gt 0 ] || fail "no interrupts"
		for table in $TABLES; do
			equal "$(head_of "$table" interrupts <"$WORK/all")" \
				"$interrupts" "$table: interrupts"
			equal "$(json_rows "$table" <"$WORK/all" | json_column ticks | add)" \
				$(($(head_of "$table" ranked <"$WORK/all") +
				   $(rows_running "$table" <"$WORK/all"))) "$table: rows"
		done
		check_accounts
	done
}

# rows_running TABLE <all.json: of open slices; CPUs have those that have ended.
rows_running() {
	case $1 in
	cpus)	echo 0 ;;
	*)	head_of "$1" running ;;
	esac
}

something_with_interrupts() {
	helper burn red 30 "$LAST"
	busy 20
	"$LOAD" datagrams 100
	sleep 1
	helper burn blue 10 0
	helper park
	helper unpark
	sleep 1
	"$LOAD" -c "$LAST" pingpong 200
	helper_loads_end
}

helper_loads_end() {
	helper stop
	helper timer 3000 30 "$LAST"
}

# --- on and off ------------------------------------------------------------

read_again_and_again() {
	# shellcheck disable=SC2016
	yielding sh -c 'while :; do cat "$@" >/dev/null; done' sh "$ACCOUNTS" \
		"$VIEWS/irqs" "$VIEWS/irqs.sum" "$ALL_JSON" "$PERFTOP"
}

test_interrupts_stay_accounted() {
	start_perftop views=tasks
	yielding "$LOAD" messages 2 1000000
	helper timer 2000 30 "$LAST"
	read_again_and_again
	before=0
	for _ in $(seq "$IRQ_ROUNDS"); do
		echo +irqs >"$PERFTOP"
		usleep 20000
		check_accounts
		echo -irqs >"$PERFTOP"
		check_accounts
		now=$(account all INTERRUPTS <"$WORK/accounts")
		between "$before" "$now" "$(account all ELAPSED <"$WORK/accounts")" \
			"interrupts"
		before=$now
	done
	[ "$before" -gt 0 ] || fail "no interrupts"
	# What is off takes no more.
	sleep 1
	check_accounts
	equal "$(account all INTERRUPTS <"$WORK/accounts")" "$before" "off"
	reset_perftop
	sleep 1
	check_accounts
	equal "$(account all INTERRUPTS <"$WORK/accounts")" 0 "after a reset"
	! grep -q '^cpu time.* interrupts ' "$PERFTOP" || fail "the header has them"
}

# Beside views that are switched, and with filters.
test_interrupts_when_other_views_come() {
	start_perftop views=irqs top="$ALL"
	helper timer 2000 30 "$LAST"
	background "$LOAD" messages 2 1000000
	for _ in 1 2 3 4 5; do
		for view in tasks processes cpus; do
			echo "+$view" >"$PERFTOP"
			usleep 50000
			cat "$VIEWS/$view" >"$WORK/view"
			parts "$WORK/view"
		done
		check_accounts
		echo "filter shortest=1ms" >"$PERFTOP"
		usleep 50000
		check_accounts
		echo "filter off" >"$PERFTOP"
		for view in cpus tasks processes; do
			echo "-$view" >"$PERFTOP"
			check_accounts
		done
	done
}

# A CPU goes while interrupts are counted on it, and comes again.
test_interrupts_of_a_cpu_that_goes() {
	need_cpus 2
	start_perftop views=irqs,tasks
	helper timer 2000 30 "$LAST"
	sleep 1
	helper stop
	online=/sys/devices/system/cpu/cpu$LAST/online
	for _ in 1 2 3; do
		before=$(account all INTERRUPTS <"$ACCOUNTS")
		echo 0 >"$online"
		check_accounts
		between "$before" "$(account all INTERRUPTS <"$WORK/accounts")" \
			"$(account all ELAPSED <"$WORK/accounts")" offline
		echo -irqs >"$PERFTOP"
		echo +irqs >"$PERFTOP"
		echo 1 >"$online"
		check_accounts
		helper timer 2000 30 "$LAST"
		usleep 300000
		helper stop
		check_accounts
	done
}

# --- softirqs --------------------------------------------------------------

# storm_is_over: twice the same
storm_is_over() {
	was=$(spent storm_of_task 2 <"$HELPER")
	usleep 200000
	[ "$(spent storm_of_task 2 <"$HELPER")" = "$was" ]
}

# What ksoftirqd runs is its own; what interrupts take from it there is not.
test_softirqs_of_a_task_are_its_own() {
	start_perftop views=irqs,tasks top="$ALL"
	reset_perftop
	before=$(cut -d' ' -f1 /proc/uptime)
	helper storm 2000 "$LAST"
	sleep 3
	eventually storm_is_over
	"$LOAD" snap "$WORK/end" "$HELPER" "$ALL_JSON"
	own=$(spent storm_of_task 3 <"$WORK/end.1")
	count=$(spent storm_of_task 2 <"$WORK/end.1")
	other=$(spent storm_of_interrupt 3 <"$WORK/end.1")
	others=$(spent storm_of_interrupt 2 <"$WORK/end.1")
	[ "$count" -gt 100 ] || fail "ksoftirqd ran $count, others $others"
	ticks=$(json_rows tasks <"$WORK/end.2" | grep "\"comm\":\"ksoftirqd/$LAST\"" |
		json_column ticks | add)
	interrupts=$(json_rows accounts <"$WORK/end.2" | of_cpu "$LAST" interrupts)
	note "ksoftirqd: $count, $own ticks; others: $others, $other;" \
		"perftop: ksoftirqd $ticks, interrupts $interrupts"
	between $((own * 70 / 100)) "$ticks" $((own * 150 / 100)) "ksoftirqd's ticks"
	between 0 "$interrupts" $((other + own * 30 / 100)) interrupts
	served=$(json_rows irqs <"$WORK/end.2" | irq_rows |
		awk -v cpu="$LAST" '$1 == "softirq" && $2 == 6 && $3 == cpu { print $4 }')
	between $((count + others)) "$served" $((count + others + 100)) tasklets
	identity_of "$WORK/end.2"
}

# --- sums ------------------------------------------------------------------

# Of one moment: each counter of a row of irqs.sum is the rows' of all CPUs together.
test_sums_are_the_rows() {
	start_perftop views=irqs
	of_all_kinds
	cat "$ALL_JSON" >"$WORK/all"
	json_rows irqs <"$WORK/all" | irq_rows |
		awk '{ count[$1 " " $2] += $4; time[$1 " " $2] += $5 }
		END { for (i in count) printf "%s %.0f %.0f\n", i, count[i], time[i] }' |
		sort >"$WORK/rows"
	json_rows irqs.sum <"$WORK/all" | irq_rows | awk '{ print $1, $2, $4, $5 }' |
		sort >"$WORK/sums"
	[ -s "$WORK/sums" ] || fail "no sums"
	cat "$WORK/sums"
	cmp "$WORK/rows" "$WORK/sums" || fail "rows: $(cat "$WORK/rows")"
}
