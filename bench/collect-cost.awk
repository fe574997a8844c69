# SPDX-License-Identifier: GPL-2.0
#
# The raw figures of guest-events.sh, behind the names of the rows and of the events,
# to a table in Markdown. extra[] is what an event takes beyond the mean of the bare
# runs around it.

function differ(a, b) {
	return a > b * 1.01 || b > a * 1.01
}

function known(row, e) {
	return (row, e) in extra
}

# Behind a peer's figure, how many times perftop's that is.
function show(row, e,   text) {
	if (!known(row, e))
		return "-"
	text = sprintf("%.0f%s", extra[row, e], unsure[row, e])
	sub(/^-0$/, "0", text)
	if (row !~ /^(empty|off|on)$/ && known("on", e) && extra["on", e] >= 10)
		text = text sprintf(" (× %.1f)", extra[row, e] / extra["on", e])
	return text
}

function print_line(what, text,   k) {
	printf "| %s |", what
	for (k = 1; k <= n; k++)
		printf " %s |", text[list[k]]
	print ""
}

function print_bare(   e, k, text) {
	for (k = 1; k <= n; k++) {
		e = list[k]
		text[e] = sums[e] ? sprintf("%.0f", sum[e] / sums[e]) : "-"
	}
	print_line("a bare one", text)
}

function print_row(row,   k, text) {
	for (k = 1; k <= n; k++)
		text[list[k]] = show(row, list[k])
	print_line(label[row], text)
}

function print_beyond(   e, k, text) {
	for (k = 1; k <= n; k++) {
		e = list[k]
		text[e] = "-"
		if (known("on", e) && known("empty", e))
			text[e] = sprintf("%.0f", extra["on", e] - extra["empty", e])
		sub(/^-0$/, "0", text[e])
	}
	print_line("beyond empty probes", text)
}

BEGIN {
	FS = "\t"
	n = split(events, list, " ")
}

FNR == 1 {
	file++
	FS = file < 3 ? "\t" : " "
	$0 = $0
}

file == 1 {
	name[++names] = $1
	label[$1] = $2
	next
}

file == 2 {
	title[$1] = $2
	next
}

$1 == "lacks" || $1 == "probes" {
	next
}

$2 == "bare" {
	if (row != "") {
		extra[row, $1] = taken - (before + $3) / 2
		if (differ(before, $3))
			unsure[row, $1] = "?"
	}
	sum[$1] += $3
	sums[$1]++
	before = $3
	row = ""
	next
}

{
	row = $2
	taken = $3
	measured[row] = 1
}

END {
	print_line("instructions an event", title)
	printf "|---|"
	for (k = 1; k <= n; k++)
		printf "--:|"
	print ""
	print_bare()
	for (i = 1; i <= names; i++) {
		if (!(name[i] in measured))
			continue
		print_row(name[i])
		if (name[i] == "on" && "empty" in measured)
			print_beyond()
	}
}
