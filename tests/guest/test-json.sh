# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# JSON: does it say the same as the text, to the tick, whatever the names and whoever
# reads? That it is JSON, and as its schema has it, tests/json tells of these files.

# What costs something, all at once.
ALL_VIEWS=processes,tasks,cpus,latency,inversion,exits,irqs,syscalls,faults

# still_rows VIEW: as json_rows, but for what is of all time, which goes on.
still_rows() {
	json_rows "$1" | sed -E 's/"(time_share|cpu_share|switch_rate)":[0-9.]*,//g'
}

# json_member NAME: of the beginning of all.
json_member() {
	sed -n "s/.*,\"$1\":\"\\{0,1\\}\\([^\",}]*\\).*/\\1/p"
}

# Many rows, of threads and of processes that come and go.
json_load() {
	"$LOAD" -c "$LAST" pingpong 500
	for _ in 1 2 3 4 5 6 7 8; do
		"$LOAD" brief 5 &
		usleep 200000
	done
	busy 20
}

test_json_says_what_the_text_says() {
	start_perftop "views=$ALL_VIEWS" top="$ALL"
	json_load
	# Nobody meets it, and the tables stand still.
	echo filter comm=nobody >"$PERFTOP"
	cat "$PERFTOP" >"$WORK/perftop"
	for file in folded tasks processes; do
		cat "$VIEWS/$file" >"$WORK/$file"
	done
	for file in stacks tasks processes all; do
		cat "$VIEWS/$file.json" >"$WORK/$file.json"
	done
	equal "$(json_member boot <"$WORK/all.json")" \
		"$(cat /proc/sys/kernel/random/boot_id)" "boot id"
	rows <"$WORK/perftop" | cut -d'|' -f"$TICKS" >"$WORK/text"
	still_rows stacks <"$WORK/stacks.json" | json_column ticks >"$WORK/json"
	note "$(wc -l <"$WORK/json") stacks"
	cmp "$WORK/text" "$WORK/json" || fail "stacks: other ticks"
	equal "$(sed 's/.* //' "$WORK/folded" | add)" "$(add <"$WORK/json")" folded
	for view in tasks processes; do
		column TICKS "$WORK/$view" >"$WORK/text"
		still_rows "$view" <"$WORK/$view.json" | json_column ticks >"$WORK/json"
		cmp "$WORK/text" "$WORK/json" || fail "$view: other ticks"
	done
	# Of all at once it is the same, to the letter.
	for view in stacks tasks processes; do
		still_rows "$view" <"$WORK/$view.json" >"$WORK/text"
		still_rows "$view" <"$WORK/all.json" >"$WORK/json"
		[ -s "$WORK/text" ] || fail "no rows of $view"
		cmp "$WORK/text" "$WORK/json" || fail "$view: other rows in all.json"
	done
}

# ticks_of VIEW: the sum of its rows', in all.json.
ticks_of() {
	still_rows "$1" <"$WORK/all.json" | json_column ticks | add
}

# All that all.json has is of one moment: what goes on in between is in none of it.
test_all_json_is_one_cut() {
	start_perftop "views=$ALL_VIEWS" top="$ALL"
	background "$LOAD" share 30
	background "$LOAD" -c "$LAST" pingpong 100000
	for _ in 1 2 3; do
		cat "$VIEWS/all.json" >"$WORK/all.json"
		# elapsed, ranked, running, idle and switches of each, all alike.
		awk '/^"(stacks|accounts|processes|tasks|cpus)":/ {
			line = ""
			n = split("elapsed ranked running idle switches", member)
			for (i = 1; i <= n; i++) {
				match($0, "\"" member[i] "\":\"[0-9]*")
				value = substr($0, RSTART, RLENGTH)
				sub(/.*"/, "", value)
				line = line " " value
			}
			print line
		}' "$WORK/all.json" | sort | uniq -c >"$WORK/heads"
		cat "$WORK/heads"
		equal "$(wc -l <"$WORK/heads")" 1 "what they account for"
		read -r many _ ranked running _ <"$WORK/heads"
		equal "$many" 5 "views that account for it"
		for view in stacks processes tasks; do
			equal "$(ticks_of "$view")" $((ranked + running)) "$view: rows"
		done
	done
}

# The rows that a reader of odd pieces gets.
test_json_is_read_in_pieces() {
	start_perftop "views=$ALL_VIEWS" top="$ALL"
	json_load
	echo filter comm=nobody >"$PERFTOP"
	for view in stacks tasks; do
		still_rows "$view" <"$VIEWS/$view.json" >"$WORK/whole"
		for size in 7 1000 4095 65537; do
			dd if="$VIEWS/$view.json" bs="$size" 2>/dev/null |
				still_rows "$view" >"$WORK/pieces"
			cmp "$WORK/whole" "$WORK/pieces" || fail "$view: $size"
		done
	done
	dd if="$VIEWS/views.json" bs=3 2>/dev/null | cmp - "$VIEWS/views.json" ||
		fail views.json
}

# name_of NUMBER: fifteen bytes of all there are but 0, in octal for printf.
name_of() {
	for i in $(seq $(($1 * 15 + 1)) $(($1 * 15 + 15))); do
		[ "$i" -gt 255 ] || printf '\\%03o' "$i"
	done
}

# Which is no UTF-8 has its bytes beside it; which is has its letters, escaped.
test_json_has_names_of_every_byte() {
	start_perftop views=tasks top="$ALL"
	for n in $(seq 0 16); do
		# shellcheck disable=SC2059
		name=$(printf "$(name_of "$n")x")
		background "$LOAD" named "${name%x}" 5
		echo "$!" >>"$WORK/pids"
	done
	while read -r pid; do
		leaves "$pid" 2
	done <"$WORK/pids"
	cat "$VIEWS/tasks.json" >"$WORK/tasks.json"
	n=0
	while read -r pid; do
		hex=$(head -c -1 "/proc/$pid/comm" | hexdump -ve '1/1 "%02x"')
		row=$(grep "\"pid\":$pid," "$WORK/tasks.json")
		if [ "$n" -ge 9 ]; then
			equal "$(echo "$row" | sed -n 's/.*"comm_hex":"\([0-9a-f]*\)".*/\1/p')" \
				"$hex" "$pid's bytes"
		else
			equal "$(echo "$row" | grep -c comm_hex)" \
				$((n == 8)) "$pid has bytes"
		fi
		n=$((n + 1))
	done <"$WORK/pids"
	row=$(grep "\"pid\":$(head -n 1 "$WORK/pids")," "$WORK/tasks.json")
	case $row in
	*'"comm":"\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b'*) ;;
	*)	fail "not escaped: $row" ;;
	esac
	row=$(grep "\"pid\":$(sed -n 3p "$WORK/pids")," "$WORK/tasks.json")
	case $row in
	*'"comm":"\u001f !\"#$%&'"'"'()*+,-"'*) ;;
	*)	fail "not escaped: $row" ;;
	esac
}
