# SPDX-License-Identifier: GPL-2.0
#
# The raw figures of guest-rows.sh, behind the names of the rows, to what
# "format" asks for: the table in Markdown, or the figures for the picture.
# extra[] is what a switch takes beyond the mean of the bare runs around it.

function differ(a, b) {
	return a > b * 1.01 || b > a * 1.01
}

# The bare runs after a row are complete.
function end_row(   i, mean, w) {
	for (i = 1; i <= n; i++) {
		w = list[i]
		if (row != "" && ticks[w] > 0 && before[w] > 0) {
			mean = (before[w] + after[w]) / 2
			extra[row, w] = (ticks[w] - mean) / switches[w]
			if (differ(before[w], after[w]) ||
			    differ(switches[w], count[w]))
				unsure[row, w] = "?"
		}
		sum[w] += after[w] / count[w]
		sums[w]++
		before[w] = after[w]
		ticks[w] = 0
	}
	row = ""
}

function show(row, w) {
	if ((row, w) in extra)
		return sprintf("%.0f%s", extra[row, w], unsure[row, w])
	return "-"
}

function ratio(row, hook,   base) {
	base = row ~ /user|both/ ? "both" : "kernel"
	base = "perftop:hook=" hook ",stack=" base
	if ((base, "pipe") in extra && (row, "pipe") in extra)
		return sprintf("%.1f", extra[row, "pipe"] / extra[base, "pipe"])
	return "-"
}

function print_bare(   k, w) {
	printf "| bare switch |"
	for (k = 1; k <= n; k++) {
		w = list[k]
		printf " %s |", sums[w] ? sprintf("%.0f", sum[w] / sums[w]) : "-"
	}
	print " - | - | - |"
}

function print_row(row,   k) {
	printf "| %s |", label[row]
	for (k = 1; k <= n; k++)
		printf " %s |", show(row, list[k])
	printf " %s | %s | %s |\n", ratio(row, "kprobe"),
		ratio(row, "tracepoint"), dropped[row]
}

function print_table(   i, k) {
	printf "| instructions a switch |"
	for (k = 1; k <= n; k++)
		printf " %s |", list[k]
	printf " × kprobe | × tracepoint | dropped |\n|---|"
	for (k = 0; k < n + 3; k++)
		printf "---:|"
	print ""
	print_bare()
	for (i = 1; i <= names; i++)
		if (name[i] in dropped)
			print_row(name[i])
}

function print_figures(   i, k, figure) {
	for (i = 1; i <= names; i++) {
		if (!(name[i] in dropped))
			continue
		gsub(/\*/, "", label[name[i]])
		printf "\"%s\"", label[name[i]]
		for (k = 1; k <= n; k++) {
			figure = show(name[i], list[k])
			sub(/\?/, "", figure)
			printf " %s", figure
		}
		print ""
	}
}

BEGIN {
	FS = "\t"
	n = split(workloads, list, " ")
}

FILENAME == ARGV[1] {
	name[++names] = $1
	label[$1] = $2
	next
}

FNR == 1 {
	FS = " "
	$0 = $0
}

$1 == "recorded" {
	next
}

$1 == "dropped" {
	dropped[$2] = $3
	next
}

$1 == "bare" {
	after[$2] = $3
	count[$2] = $4
	if ($2 == list[n])
		end_row()
	next
}

{
	row = $1
	ticks[$2] = $3
	switches[$2] = $4
}

END {
	if (format == "table")
		print_table()
	else
		print_figures()
}
