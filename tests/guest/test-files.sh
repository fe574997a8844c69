# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Files: what user frames are called, while their process lives and afterwards.

# frames_of PID: the user frames of its rows, each once.
frames_of() {
	the_rows "\[$1]" | field "$FRAMES" | tr ';' '\n' | grep '^user: .*0x' |
		sort -u
}

# frames_now PID FILE: those that there are now, in $WORK/FILE.
frames_now() {
	take_rows
	frames_of "$1" >"$WORK/$2"
	sed 's/^/# /' "$WORK/$2"
	[ -s "$WORK/$2" ] || fail "no user frames of $1"
}

# kept: what was printed of the living is printed of the dead. Those may have left a
# CPU once more since, on their way.
kept() {
	equal "$(grep -vxF -f "$WORK/dead" "$WORK/living")" "" \
		"frames that the dead have lost"
}

# copy_of_load FOLDER NAME: its path.
copy_of_load() {
	mkdir -p "$WORK/$1"
	cp "$LOAD" "$WORK/$1/$2.new"
	mv "$WORK/$1/$2.new" "$WORK/$1/$2"
	echo "$WORK/$1/$2"
}

# What is printed of a process is printed of it when it has gone, and of one that
# has not lived for a second.
test_the_dead_have_their_files() {
	start_perftop top="$ALL"
	background "$LOAD" share 20
	share=$!
	"$LOAD" brief 50 &
	brief=$!
	wait "$brief"
	works "$share"
	stop_task "$share"
	frames_now "$share" living
	kill_task "$share"
	frames_now "$share" dead
	kept
	names=$(the_rows "load.$brief]" do_nanosleep | head -n 1 | user_names)
	# A function of the C library has no frame, and hides its caller.
	case $names in
	*" do_brief main "*) ;;
	*) fail "frames of the brief: $names" ;;
	esac
	equal "$(header unnamed <"$WORK/perftop")" "" unnamed
}

# A program that has executed another has two address spaces, one of which ends.
test_files_before_exec() {
	start_perftop top="$ALL"
	# shellcheck disable=SC2016
	background sh -c '"$0" brief 200; exec "$0" share 20' "$LOAD"
	shell=$!
	works "$shell"
	frames_now "$shell" both
	grep -q 'user: busybox+0x' "$WORK/both" || fail "no shell"
	grep -q 'user: load+0x' "$WORK/both" || fail "no load"
	kill_task "$shell"
	frames_now "$shell" dead
	grep -q 'user: busybox+0x' "$WORK/dead" || fail "no shell that has gone"
	grep -q 'user: load+0x' "$WORK/dead" || fail "no load that has gone"
}

# are_called PID FILE NAME: all of its frames now, left in $WORK/FILE, whichever their
# offsets, but for those of before it was executed.
are_called() {
	frames_now "$1" "$2"
	equal "$(sed -e 's/+0x[0-9a-f]*//' -e '/\[vdso]/d' -e '/busybox/d' \
		"$WORK/$2" | sort -u)" "user: $3" "$2"
}

# Files of one name are told apart: in two folders, and in one, where one has
# taken the other's place.
test_files_of_one_name() {
	start_perftop top="$ALL"
	first=$(copy_of_load one program)
	background "$first" share 10
	one=$!
	works "$one" program
	are_called "$one" first program
	second=$(copy_of_load two program)
	background "$second" share 10
	two=$!
	works "$two" program
	frames_now "$two" second
	path=$(sed -n 's/^user: \(.*program\)+0x.*/\1/p' "$WORK/second" |
		head -n 1)
	case $second in
	*"$path") ;;
	*) fail "$second is called $path" ;;
	esac
	are_called "$one" first "${path%two/program}one/program"

	copy_of_load two program >/dev/null
	background "$second" share 10
	three=$!
	works "$three" program
	are_called "$three" third "$path"
	are_called "$two" second "$path (deleted)"
	kill_task "$two"
	are_called "$two" dead "$path (deleted)"
}

test_files_that_are_deleted() {
	start_perftop top="$ALL"
	file=$(copy_of_load one gone)
	background "$file" share 10
	gone=$!
	works "$gone" gone
	are_called "$gone" there gone
	rm "$file"
	are_called "$gone" deleted "gone (deleted)"
	kill_task "$gone"
	are_called "$gone" dead "gone (deleted)"
}

# By its address, as a file perf-PID.map has it. It is stopped before it is looked
# at: what never rests may be preempted between two readings.
test_code_of_no_file() {
	start_perftop top="$ALL"
	need_program "$LOAD"
	"$LOAD" jit >"$WORK/at" &
	jit=$!
	echo "$jit" >>"$WORK/background"
	eventually [ -s "$WORK/at" ]
	address=$(cat "$WORK/at")
	computes "$jit"
	stop_task "$jit"
	frames_now "$jit" living
	grep -qx "user: \[anon]@$address" "$WORK/living" ||
		fail "no frame at $address"
	kill_task "$jit"
	frames_now "$jit" dead
	kept
}

# More address spaces end than are kept: that is counted, until a reset.
test_files_make_room() {
	start_perftop table=16
	for _ in $(seq 25); do
		for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			"$LOAD" brief 1 &
		done
		wait
	done
	cat "$PERFTOP" >"$WORK/perftop"
	between 1 "$(header unnamed <"$WORK/perftop")" 2000 unnamed
	check_accounts
	reset_perftop
	equal "$(header unnamed <"$PERFTOP")" "" "unnamed after a reset"
}
