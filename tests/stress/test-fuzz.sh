# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Bad input: to the parameters, to the files, and in how they are read.

: "${SEED:=1}" "${INPUTS:=2000}" "${LOADS:=60}"

test_writes_of_anything() {
	start_perftop
	"$HERE/abuse" scribble "$SEED" "$INPUTS" "$PERFTOP"
	check_accounts
	# The others take the same words.
	for file in /proc/perftop.d/*; do
		"$HERE/abuse" scribble "$SEED" $((INPUTS / 10)) "$file"
	done
	check_accounts
}

# Views go on and off, and filters come and go, in any order.
test_commands_of_any_sort() {
	start_perftop
	some_load
	"$HERE/abuse" command "$SEED" "$INPUTS" "$PERFTOP"
	check_accounts
	for file in "$PERFTOP" /proc/perftop.d/*; do
		"$HERE/abuse" command "$SEED" $((INPUTS / 10)) "$file"
		cat "$file" >/dev/null
	done
	check_accounts
}

test_odd_reads() {
	start_perftop top="$ALL" views=tasks,cpus,latency,inversion,exits,irqs,syscalls,faults
	busy 50
	helper burn red 20 0
	for file in "$PERFTOP" /proc/perftop.d/*; do
		"$HERE/abuse" read "$SEED" "$INPUTS" "$file" "$PERFTOP"
	done
	check_accounts
}

# words: $LOADS lines of parameters, from the seed: two in three values are good
# ones, the others of all sorts.
words() {
	awk -v seed="$SEED" -v lines="$LOADS" '
	function any(list,  n, of) {
		n = split(list, of, "|")
		return of[int(rand() * n) + 1]
	}
	function garbage(  i, text) {
		for (i = int(rand() * 300); i >= 0; i--)
			text = text sprintf("%c", 33 + int(rand() * 94))
		gsub(/"/, "", text)
		return text
	}
	function bad() {
		return rand() < .3 ? garbage() : any("|0|-1|1|both|kprobe|" \
			"do_syscall_64|yes|4294967295|" \
			"4294967296|1e9|%s%n|0x10|no")
	}
	BEGIN {
		good["hook"] = "auto|kprobe|tracepoint"
		good["stack"] = "both|kernel|user"
		good["top"] = "1|20|100000|0x10"
		good["table"] = "16|17|1000|0x400"
		good["idle"] = good["verify"] = "0|1|y|N"
		good["pick"] = "pick_next_task_fair"
		good["stop"] = "pick_next_task_stop"
		good["finish"] = "finish_task_switch"
		good["views"] = "tasks|cpus,latency|exits,|"
		good["filter"] = "pid=1|comm=load,cpu=0-1|class=rt|" \
			"shortest=1us,longest=2s"
		good["inversion_us"] = "0|1000"
		srand(seed)
		while (lines--) {
			text = ""
			for (n = int(rand() * 3); n >= 0; n--) {
				name = any("hook|stack|top|idle|table|verify|" \
					"pick|stop|finish|views|filter|" \
					"inversion_us")
				text = text " " name "=" (rand() < .67 ? \
					any(good[name]) : bad())
			}
			print text
		}
	}'
}

# What loads works, what does not leaves nothing.
test_parameters_of_any_sort() {
	loaded=0 refused=0
	words >"$WORK/words"
	while read -r line; do
		# shellcheck disable=SC2086
		if insmod "$MODULE" $line 2>"$WORK/error"; then
			check_accounts
			cat "$PERFTOP" >/dev/null
			stop_perftop
			loaded=$((loaded + 1))
		else
			grep -qiE 'invalid|unknown|no such|too l|range' \
				"$WORK/error" || fail "$line: $(cat "$WORK/error")"
			refused=$((refused + 1))
		fi
		[ ! -e "$PERFTOP" ] || fail "$line: $PERFTOP is there"
		no_probes "$line"
	done <"$WORK/words"
	note "seed $SEED: $loaded loaded, $refused refused"
	between 1 "$loaded" "$LOADS" loaded
	between 1 "$refused" "$LOADS" refused
}
