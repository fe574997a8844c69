# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2034,SC2015
# What the tests share: loading, loads, truths, and the one place that knows
# how perftop's files are laid out.

PERFTOP=/proc/perftop
# May a probe that is a breakpoint become a jump?
OPTIMIZE=/proc/sys/debug/kprobes-optimization
ACCOUNTS=/proc/perftop.d/accounts
HELPER=/proc/perftop_helper
# All kprobes, armed or not; and what those at functions' starts need.
PROBES_ON=/sys/kernel/debug/kprobes/enabled
FTRACE_ON=/proc/sys/kernel/ftrace_enabled
SCHED=/sys/kernel/debug/sched/debug
# Until 5.12.
[ -e "$SCHED" ] || SCHED=/proc/sched_debug
TRACE=/sys/kernel/tracing
MODULE=$HERE/../perftop.ko
LOAD=$HERE/load
ALL=1000000		# top=: more rows than there will be

# What a share may be wrong by. An emulated CPU may be stopped at any place for
# as long as the host likes, and so between the stamps of two truths; where the
# guest's clock counts instructions, it is not seen to be, and this is 1 and 5.
: "${PERCENT:=8}" "${EACH_US:=100}"

CPUS=$(nproc)
LAST=$((CPUS - 1))

# --- verdicts -------------------------------------------------------------

note() {
	echo "# $*"
}

fail() {
	note "$@"
	exit 1
}

skip() {
	echo "$@" >"$WORK/skip"
	exit 4
}

need_cpus() {
	[ "$CPUS" -ge "$1" ] || skip "needs $1 CPUs"
}

# equal A B WHAT
equal() {
	[ "$1" = "$2" ] || fail "$3: $1, expected $2"
}

# between LOW X HIGH WHAT
between() {
	[ "$1" -le "$2" ] && [ "$2" -le "$3" ] ||
		fail "$4: $2, expected $1 to $3"
}

# --- what takes its time --------------------------------------------------

# eventually COMMAND...: it is true at last. When, is the host's doing: where it
# never is, that takes five minutes.
eventually() {
	read -r now _ </proc/uptime
	patience=$((${now%.*} + 300))
	until "$@"; do
		read -r now _ </proc/uptime
		[ "${now%.*}" -lt "$patience" ] || fail "never: $*"
		usleep 100000
	done
}

# is_called PID NAME
is_called() {
	[ "$(cat "/proc/$1/comm")" = "$2" ]
}

# has_left PID TIMES
has_left() {
	[ "$(left "$1")" -ge "$2" ]
}

# leaves PID TIMES: it leaves a CPU so often from now on.
leaves() {
	eventually has_left "$1" $(($(left "$1") + $2))
}

# works PID [NAME]: it has become the program of that name, the load, and is past
# its beginning. How long that takes nobody knows where there is much to do.
works() {
	eventually is_called "$1" "${2-load}"
	leaves "$1" 10
}

# has_had PID NS: so much time on CPUs, as the scheduler's tick adds it up.
has_had() {
	[ "$(cut -d' ' -f1 "/proc/$1/schedstat")" -gt "$2" ]
}

# goes_on PID MS: it has so much from now on.
goes_on() {
	eventually has_had "$1" \
		$(($(cut -d' ' -f1 "/proc/$1/schedstat") + $2 * 1000000))
}

# computes PID [NAME]: what works is, of one that never rests.
computes() {
	eventually is_called "$1" "${2-load}"
	goes_on "$1" 100
}

# uptime_us: microseconds since the boot, to 10 ms.
uptime_us() {
	awk '{ printf "%.0f\n", $1 * 1000000 }' /proc/uptime
}

# json_rows VIEW: the rows of a view, of JSON on stdin, a line each.
json_rows() {
	awk -v begin="\"$1\":{\"on\"" '
		/^]}/ { inside = 0 }
		inside { sub(/,$/, ""); print }
		index($0, begin) == 1 { inside = 1 }'
}

# json_column ID: what the rows of a view's JSON have there, a line each.
json_column() {
	sed -n "/^{\"record\"/s/.*,\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"
}

# --- the module -----------------------------------------------------------

# $PARAMETERS are for all of a run's tests, those of a test come last.
start_perftop() {
	# shellcheck disable=SC2086
	insmod "$MODULE" ${PARAMETERS-} "$@"
}

stop_perftop() {
	rmmod perftop
}

reset_perftop() {
	echo 0 >"$PERFTOP"
}

helper() {
	echo "$*" >"$HELPER"
}

# --- the files ------------------------------------------------------------

# rows <FILE: a line for each row of the ranking,
#   RANK|TICKS|COUNT|LONGEST|JHASH|TASK|FRAME;FRAME;...
# with LONGEST as it is rounded there, and offsets kept in the frames.
rows() {
	awk '
	function flush() {
		if (row != "")
			print row "|" frames
		row = frames = ""
	}
	/^ *[0-9]+ +[0-9.]+ +[0-9]+ / {
		flush()
		# A time is two words, but for an average of nothing.
		longest = $7 == "-" ? 8 : 9
		task = $0
		for (i = 0; i < longest + 2; i++)
			sub(/^ *[^ ]+/, "", task)
		sub(/^ */, "", task)
		row = $1 "|" $3 "|" $6 "|" $longest " " $(longest + 1) \
			"|" $(longest + 2) "|" task
		next
	}
	row != "" && /^ +[^ ]/ {
		sub(/^ */, "")
		frames = frames $0 ";"
		next
	}
	{ flush() }
	END { flush() }'
}

# The fields of such a line.
TICKS=2 COUNT=3 LONGEST=4 TASK=6 FRAMES=7

# field NUMBER <ROWS
field() {
	cut -d'|' -f"$1"
}

# sum NUMBER <ROWS
sum() {
	awk -F'|' -v field="$1" '{ n += $field } END { printf "%.0f\n", n }'
}

# header WORD <FILE: the number behind WORD in the header.
header() {
	awk -v word="$1" '
	/^RANK/ { exit }
	{
		for (i = 1; i < NF; i++)
			if ($i == word) {
				sub(/%$/, "", $(i + 1))
				print $(i + 1)
				exit
			}
	}'
}

# The clock's rate in kHz: what stands before the word MHz.
khz() {
	awk '{
		for (i = 2; i <= NF; i++)
			if ($i == "MHz") {
				printf "%.0f\n", $(i - 1) * 1000
				exit
			}
	}'
}

# account CPU COLUMN <FILE: one figure of the accounts; CPU may be all.
account() {
	awk -v cpu="$1" -v column="$2" '
	NR == 1 {
		for (i = 1; i <= NF; i++)
			if ($i == column)
				at = i
	}
	{ sub(/\*$/, "", $1) }
	$1 == cpu { print $at }'
}

# identity FILE: on each line of the accounts the parts are the whole. The
# shell's arithmetic is exact in 64 bits, awk's is not.
identity() {
	lines=0
	sed 1d "$1" >"$WORK/lines"
	while read -r cpu elapsed ranked idle overflow unattributed filtered \
		interrupts running _; do
		parts=$((ranked + idle + overflow + unattributed + filtered +
			 interrupts + running))
		[ "$parts" -eq "$elapsed" ] ||
			fail "cpu $cpu: parts $parts, elapsed $elapsed"
		lines=$((lines + 1))
	done <"$WORK/lines"
	[ "$lines" -gt 1 ] || fail "no accounts: $(cat "$1")"
}

# check_accounts: every tick is somewhere, now.
check_accounts() {
	cat "$ACCOUNTS" >"$WORK/accounts"
	identity "$WORK/accounts"
}

# --- truths ---------------------------------------------------------------

# left PID: how often it was switched away from.
left() {
	awk '/ctxt_switches/ { n += $2 } END { print n }' "/proc/$1/status"
}

# kernel_switches CPU <FILE: the kernel's own count.
kernel_switches() {
	awk -v cpu="cpu#$1," '
	/^cpu#/ { here = $1 == cpu }
	here && $1 == ".nr_switches" { print $3; exit }'
}

# helper_switches CPU <FILE: what the helper's own probe has counted.
helper_switches() {
	awk -v cpu="$1" '$1 == "switches" && $2 == cpu { print $3 }'
}

# perftop begins at zero between the first two readings of a count, and is read
# between the last two, so that
#   third - second <= perftop's <= fourth - first
begin_bracket() {
	"$LOAD" snap "$WORK/start" "$SCHED" "$HELPER" "=$PERFTOP" "$HELPER" \
		"$SCHED"
}

end_bracket() {
	"$LOAD" snap "$WORK/end" "$SCHED" "$HELPER" "$ACCOUNTS" "$HELPER" \
		"$SCHED"
	bracket kernel_switches "$WORK/start.1" "$WORK/start.5" \
		"$WORK/end.1" "$WORK/end.5"
	bracket helper_switches "$WORK/start.2" "$WORK/start.4" \
		"$WORK/end.2" "$WORK/end.4"
}

# sound WHAT: with that beside, nothing is missing since begin_bracket.
sound() {
	end_bracket
	identity "$WORK/end.3"
	equal "$(account all UNCAPTURED <"$WORK/end.3")" 0 "$1: uncaptured"
	equal "$(account all UNATTRIBUTED <"$WORK/end.3")" 0 "$1: unattributed"
	note "$(account all SWITCHES <"$WORK/end.3") switches"
}

# bracket TRUTH FIRST SECOND THIRD FOURTH
bracket() {
	cpu=0
	while [ $cpu -lt "$CPUS" ]; do
		low=$(($($1 "$cpu" <"$4") - $($1 "$cpu" <"$3")))
		high=$(($($1 "$cpu" <"$5") - $($1 "$cpu" <"$2")))
		mine=$(account "$cpu" SWITCHES <"$WORK/end.3")
		note "cpu $cpu, $1: $low <= $mine <= $high"
		between "$low" "$mine" "$high" "switches of cpu $cpu"
		cpu=$((cpu + 1))
	done
}

# near A B TIMES WHAT: A ticks are B to within $PERCENT and $EACH_US a time.
near() {
	slack=$(($2 * PERCENT / 100 + $(khz <"$PERFTOP") * EACH_US * $3 / 1000))
	between $(($2 - slack)) "$1" $(($2 + slack)) "$4"
}

# true_share TICKS PID WHAT: perftop's ticks of a task that is off the CPU now,
# against two truths. The helper stamps at sched_switch, a little before
# perftop; the scheduler stamps before the pick, and leaves out what interrupts
# take, which is a part of the host's doing.
true_share() {
	read -r helper times <<-END
		$(awk -v pid="$2" '$1 == "task" && $2 == pid { print $3, $4 }' \
			"$HELPER")
	END
	scheduler=$(awk -v khz="$(khz <"$PERFTOP")" \
		'{ printf "%.0f", $1 * khz / 1e6 }' "/proc/$2/schedstat")
	note "$3: ticks: perftop $1, helper $helper, scheduler $scheduler;" \
		"$times slices"
	near "$1" "$helper" "$times" "$3, helper"
	PERCENT=$((3 * PERCENT)) near "$1" "$scheduler" "$times" "$3, scheduler"
}

# --- the log --------------------------------------------------------------

# listen: what said() tells begins here. A mark, since the log forgets its first
# lines when it is full.
listen() {
	echo "perftop-tests: listening" >/dev/kmsg
}

# said: what came to the log since then, each line once: an insmod that fails may
# try a second way. Not what the kernel says once of an emulated machine that stood
# still, nor a race that it finds meanwhile, which reports.awk looks at.
said() {
	dmesg | sed 's/^\[[^]]*\] //' | awk '
		/perftop-tests: listening$/ { n = race = 0; next }
		/^BUG: KCSAN: / { race = 1 }
		/^=+$/ { race = 0; next }
		!race || /^perftop: / { line[n++] = $0 }
		END { for (i = 0; i < n; i++) print line[i] }' |
		grep -v -e '^hrtimer: interrupt took' -e '^clocksource: ' \
			-e '^tsc: ' -e '^random: ' -e '^sched: RT throttling' \
			-e '^sched: DL replenish lagged' \
			-e '^workqueue: .* hogged' |
		sort -u
}

# --- what is left ---------------------------------------------------------

# no_probes [WHEN]: neither ours nor anybody's.
no_probes() {
	[ ! -s /sys/kernel/debug/kprobes/list ] ||
		fail "${1:+$1: }probes: $(cat /sys/kernel/debug/kprobes/list)"
}

# --- memory ---------------------------------------------------------------

# memory: what is taken, in KiB.
memory() {
	awk '/^(MemAvailable|Slab|Percpu|VmallocUsed):/ {
		print $1, $2
	}' /proc/meminfo
}

# figure WORD FILE
figure() {
	awk -v word="$1:" '$1 == word { print $2 }' "$2"
}

# is_given_back BEFORE AFTER SLAB
is_given_back() {
	between 0 "$(figure Percpu "$2")" "$(figure Percpu "$1")" \
		"per-CPU memory, KiB"
	between 0 "$(figure VmallocUsed "$2")" \
		$(($(figure VmallocUsed "$1") + 1024)) "vmalloc, KiB"
	between 0 "$(figure Slab "$2")" $(($(figure Slab "$1") + $3)) \
		"slab, KiB"
	between $(($(figure MemAvailable "$1") - 8192)) \
		"$(figure MemAvailable "$2")" 1000000000 "available, KiB"
}

# no_more_memory BEFORE SLAB: no more is taken than memory() said before; SLAB KiB
# may be the kernel's own. It gives back when its threads come to it; what has
# leaked never comes back.
no_more_memory() {
	for _ in $(seq 30); do
		memory >"$WORK/after"
		! (is_given_back "$1" "$WORK/after" "$2") >/dev/null || break
		sleep 1
	done
	note "before: $(tr '\n' ' ' <"$1")"
	note "after: $(tr '\n' ' ' <"$WORK/after")"
	is_given_back "$1" "$WORK/after" "$2"
}

# --- loads ----------------------------------------------------------------

# Of what is started in the background, nobody would hear that it is not there.
need_program() {
	command -v "$1" >/dev/null || fail "there is no $1 to start"
}

# background COMMAND...: started in a group of its own, which cleanup ends; its
# PID is in $!.
background() {
	need_program "$1"
	setsid "$@" >/dev/null 2>&1 &
	echo $! >>"$WORK/background"
}

# yielding COMMAND...: the same for a load that fills whatever time there is, and
# that is not to make the test beside it wait for each CPU.
yielding() {
	need_program "$1"
	# shellcheck disable=SC2016
	background sh -c 'renice -n 19 -p $$ && exec "$@"' sh "$@"
}

# untrace: no tracer of the kernel's own is left running.
untrace() {
	echo nop >"$TRACE/current_tracer"
	echo 0 >"$TRACE/events/enable"
}

# probe_as_others_do: a kprobe of the kernel's own comes and goes. It is where
# ftrace says what is wrong with its records.
probe_as_others_do() {
	echo 'p:perftop_test vfs_read' >>"$TRACE/kprobe_events"
	echo 1 >"$TRACE/events/kprobes/perftop_test/enable"
	cat /proc/version
	echo 0 >"$TRACE/events/kprobes/perftop_test/enable"
	echo '-:perftop_test' >>"$TRACE/kprobe_events"
}

# is_stopped PID: that is what it is called a moment before it leaves its CPU, and
# where it is preempted, long before. Who asks for its system call has to wait
# until it has left.
is_stopped() {
	grep -q '^State:.*stopped' "/proc/$1/status" &&
		! grep -q running "/proc/$1/syscall"
}

# stop_task PID: off the CPU, and stays off.
stop_task() {
	kill -STOP "$1"
	until is_stopped "$1"; do
		usleep 10000
	done
}

# kill_task PID: ended, and gone.
kill_task() {
	kill -KILL "$1"
	while [ -e "/proc/$1" ]; do
		usleep 10000
	done
}

# helper_pid COLOUR
helper_pid() {
	awk -v name="$1" '$1 == name { print $2 }' "$HELPER"
}

# busy ROUNDS: something of everything, for a while.
busy() {
	"$LOAD" messages 4 "$1"
	"$LOAD" fork "$1"
}
