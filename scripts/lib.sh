# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the scripts share: messages, missing packages, the cache, locks, and
# leaving nothing behind. To be sourced by bash under "set -eu".

program=${0##*/}

# The top of the source tree.
# shellcheck disable=SC2034
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Everything fetched or built lives here, outside the tree.
cache=${PERFTOP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/perftop}
[ "${cache#/}" != "$cache" ] || cache=$PWD/$cache

# The status with which die ends the script.
die_status=1

say() {
	printf '%s: %s\n' "$program" "$*" >&2
}

die() {
	say "$*"
	exit "$die_status"
}

# Print the comment block that follows the SPDX line of a script: its --help.
print_help() {
	sed -n -e '1,/^# SPDX/d' -e '/^#/!q' -e 's/^#$//' -e 's/^# //' \
	    -e p "$0"
}

# --- Leaving ---------------------------------------------------------------

# Where a script keeps what nobody needs after it; made by make_temp.
tmp=

# Processes that must not outlive the script.
children=()

leave() {
	local pid

	trap '' HUP INT TERM
	for pid in "${children[@]}"; do
		kill "$pid" 2>/dev/null || true
	done
	for pid in "${children[@]}"; do
		wait "$pid" 2>/dev/null || true
	done
	[ -z "$tmp" ] || rm -rf "$tmp"
}
trap leave EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

make_temp() {
	tmp=$(mktemp -d "${TMPDIR:-/tmp}/perftop-$program.XXXXXX")
}

# Run a command that may take long. A signal ends it together with the script
# at once, where a command in the foreground would be waited for.
attend() {
	local status=0

	"$@" &
	children+=("$!")
	wait "$!" || status=$?
	unset 'children[-1]'
	return "$status"
}

# --- The cache -------------------------------------------------------------

# locked NAME COMMAND...: run a shell function while no other script runs one
# under the same name.
locked() {
	local fd

	mkdir -p "$cache"
	exec {fd}>"$cache/.lock-$1"
	attend flock "$fd"
	shift
	"$@"
	exec {fd}>&-
}

# --- Packages --------------------------------------------------------------

# What apt is told where its lists are not the machine's; see use_suite.
apt_options=()

# Only for attend: the command takes the place of the shell.
exec_as_root() {
	if [ "$(id -u)" = 0 ]; then
		exec "$@"
	elif command -v sudo >/dev/null; then
		exec sudo "$@"
	fi
	die "neither root nor sudo here; please run as root: $*"
}

# The lists that this script has updated, which it does once.
updated=()

apt_update() {
	local lists

	for lists in "${updated[@]}"; do
		[ "$lists" != "${apt_options[*]}" ] || return 0
	done
	updated+=("${apt_options[*]}")
	say "updating apt's package lists"
	if [ "${#apt_options[@]}" -gt 0 ]; then
		locked apt-lists attend apt-get -qq "${apt_options[@]}" update \
		    </dev/null >&2
	else
		locked apt-lists attend exec_as_root apt-get -qq update \
		    </dev/null >&2
	fi
}

apt_install() {
	attend exec_as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
	    -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@" \
	    </dev/null >/dev/null
}

# Once with the package lists as they are, and once with new ones.
install_missing() {
	local apt_options=()

	say "installing $*"
	apt_install "$@" || {
		apt_update
		apt_install "$@"
	} || die "cannot install $*"
}

is_installed() {
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = \
	    installed ]
}

# need PACKAGE...: install those that are missing. Where all are there, apt is
# not touched.
need() {
	local package missing=()

	for package; do
		is_installed "$package" || missing+=("$package")
	done
	[ "${#missing[@]}" -gt 0 ] || return 0

	locked apt install_missing "${missing[@]}"
}

# need_command COMMAND PACKAGE: the same, where any way to have the command
# will do.
need_command() {
	command -v "$1" >/dev/null || need "$2"
}

# need_library FILE PACKAGE: the same for a library, whose package may have
# another name in another release.
need_library() {
	[ -e "/usr/lib/x86_64-linux-gnu/$1" ] || need "$2"
}

# --- Packages of another release -------------------------------------------

# Print the entry of the machine's own apt configuration for the archive of that
# label, as "FILE|NUMBER|SUITE".
find_entry() {
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(SOURCESENTRY)|$(RELEASE)' \
	    'Created-By: Packages' 'Component: main' "Label: $1" 2>/dev/null |
	    sed -n '1s/:\([0-9]*|\)/|\1/p'
}

# Without lists, as in a new tree, apt does not know a mirror's label.
need_lists() {
	local apt_options=()

	[ -n "$(find_entry Debian)" ] || apt_update
}

# add_entry LABEL SUITE DIRECTORY: that entry with its mirror and keys but
# another suite, as a file in DIRECTORY/sources. Only main is taken.
add_entry() {
	local file new=$3/entry.$$ number release

	IFS='|' read -r file number release < <(find_entry "$1") || true
	case $file in
	*.sources)
		awk -v RS= -v number="$number" -v suite="$2" '
		/(^|\n)[^#\n]/ && ++n == number {
			gsub(/(^|\n)#[^\n]*/, "")
			gsub(/(^|\n)(Suites|Components):[^\n]*(\n[ \t][^\n]*)*/, "")
			sub(/^\n/, "")
			print $0 "\nSuites: " suite "\nComponents: main"
		}' "$file" >"$new" ;;
	*.list)
		sed -n "${number}s| $release .*| $2 main|p" "$file" >"$new" ;;
	*)
		[ "$1" != Debian ] ||
			die "apt knows no mirror of Debian to take $2 from"
		say "apt knows no mirror of $1: doing without $2"
		return ;;
	esac
	mv "$new" "$3/sources/$2.${file##*.}"
}

# use_suite SUITE...: let what follows fetch from these suites alone, of Debian
# on the machine's mirrors. apt checks it by the machine's keys; what apt is to
# know of it lies in the cache, and the machine's own lists are not touched. A
# security suite is left out where the machine's apt has no mirror of any.
use_suite() {
	local dir label suite

	dir=$(IFS=+; echo "$cache/apt/$*")
	mkdir -p "$dir/lists/partial" "$dir/archives/partial"
	mkdir -p "$dir/sources"
	need_lists
	for suite; do
		label=Debian
		case $suite in
		*-security)	label=Debian-Security ;;
		esac
		add_entry "$label" "$suite" "$dir"
	done
	apt_options=(-o Dir::Etc::SourceList=/dev/null
		     -o Dir::Etc::SourceParts="$dir/sources"
		     -o Dir::State::Lists="$dir/lists"
		     -o Dir::Cache="$dir" -o Dir::State::status=/dev/null
		     -o APT::Sandbox::User=root)
	compgen -G "$dir/lists/*Release" >/dev/null || apt_update
}

# The releases of Debian that there are kernels of, oldest first.
# shellcheck disable=SC2034
releases='11 12 13'

# codename RELEASE
codename() {
	case $1 in
	11)	echo bullseye ;;
	12)	echo bookworm ;;
	13)	echo trixie ;;
	esac
}

# The machine's own release; one without a number is newer than all.
machine_release() {
	# shellcheck disable=SC1091
	(. /etc/os-release && echo "${VERSION_ID:-99}")
}

# use_release RELEASE: the suites of which a machine of that release is made.
use_release() {
	local name

	name=$(codename "$1")
	use_suite "$name" "$name-updates" "$name-security"
}

# field PACKAGE NAME: one field of apt's newest record of a package.
field() {
	apt-cache "${apt_options[@]}" show --no-all-versions "$1" 2>/dev/null |
	    sed -n "s/^$2: //p" | head -n 1
}

# The packages a package depends on, one a line, without versions.
dependencies() {
	field "$1" Depends | tr ',' '\n' | sed 's/^ *//; s/[ |].*//'
}

# Only for attend: exec_download DIRECTORY PACKAGE[=VERSION]...
exec_download() {
	cd "$1" || exit
	shift
	exec apt-get -qq "${apt_options[@]}" -o APT::Sandbox::User=root \
	    download "$@" </dev/null >&2
}

# The same, and again with new package lists if it fails.
download() {
	attend exec_download "$@" || {
		apt_update
		attend exec_download "$@"
	} || die "cannot fetch ${*:2}"
}

# Unpack every package in a directory into another and delete it.
unpack() {
	local deb

	for deb in "$1"/*.deb; do
		attend dpkg-deb -x "$deb" "$2"
		rm "$deb"
	done
}

# compiler_of KDIR: what has built the kernel, as its headers say; Debian's ask
# for no other. Its name is a package's name, too.
compiler_of() {
	local compiler

	compiler=$(sed -n \
	    's/^CONFIG_CC_VERSION_TEXT="\{0,1\}\([^ "]*\).*/\1/p' \
	    "$1/include/config/auto.conf")
	echo "${compiler##*-linux-gnu-}"
}
