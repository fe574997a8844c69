# SPDX-License-Identifier: GPL-2.0
#
# Which reports in a kernel's log count, behind the last line that matches mark,
# if that is given. Of data races those count that name perftop in either of
# their two stacks, and are printed whole: the kernel has some of its own. With
# own=1 the first lines of those are printed instead. Of other reports it is
# printed as well where that was, and who had called.

function keep(text) {
	report[++reports] = text
}

function end_race() {
	if (race != "" && ours == !own)
		keep(own ? title : race)
	race = ""
}

mark && $0 ~ mark { reports = more = 0; race = ""; next }
/BUG: KCSAN:/ {
	end_race()
	race = title = $0
	sub(/.*BUG: /, "", title)
	ours = 0
	next
}
race != "" {
	if (/==========/) {
		end_race()
	} else {
		race = race "\n" $0
		ours = ours || /\[perftop\]/
	}
	next
}
!own && /WARNING:|BUG:|Oops|rcu: INFO|blocked for more/ {
	keep($0)
	more = 50
	next
}
more && more-- && /Comm:|RIP:|Call Trace|\+0x|<(IRQ|TASK|NMI)>/ { keep($0) }

END {
	end_race()
	for (i = 1; i <= reports; i++)
		print report[i]
}
