# SPDX-License-Identifier: GPL-2.0
# perftop: the front end to Kbuild, which reads the file of that name, to what
# installs, and to the scripts.

KDIR ?= /lib/modules/$(shell uname -r)/build

# Where the headers are somebody's own, the scripts are told.
ifneq ($(origin KDIR),file)
export KDIR
endif

# Where things go, by the names that GNU gives to such places. DESTDIR= stands
# before them all, and is where a package is put together.
prefix      = /usr/local
datarootdir = $(prefix)/share
mandir      = $(datarootdir)/man
man4dir     = $(mandir)/man4
docdir      = $(datarootdir)/doc/perftop
unitdir     = $(prefix)/lib/systemd/system
sourcedir   = /usr/src/perftop-$(version)
moduledir   = /lib/modules/$(release)/updates

INSTALL      = install
INSTALL_DATA = $(INSTALL) -m 644

# The version stands in the changelog alone; the kernel's name in its headers.
version = $(shell sed -n '1s/.*(\(.*\)).*/\1/p' packaging/debian/changelog)
release = $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	    '$(KDIR)/include/generated/utsrelease.h' 2>/dev/null)

# What the module is built from.
sources = Kbuild Makefile packaging/debian/changelog compat engine proc switch \
	  views $(wildcard *.[ch])

# What README leads to.
chapters = $(wildcard docs/*.md docs/*.svg docs/*.json)

modules:

# --- Build ------------------------------------------------------------------

# The compiler that the kernel's build is told of; none: as the kernel says.
llvm = $(if $(LLVM),$(filter %/,$(LLVM))clang$(filter -%,$(LLVM)))
compiler = $(if $(filter command,$(origin CC)),$(CC),$(llvm))

can-build:
	@compat/can-build '$(KDIR)' '$(compiler)'

modules modules_install: can-build
	+@$(MAKE) -C '$(KDIR)' M='$(CURDIR)' $@

# Without the kernel's help, whose headers may be gone.
clean:
	@find . -name .git -prune -o -type f \( -name '*.o' -o -name '*.ko' \
		-o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name '*.o.d' -o -name modules.order \
		-o -name Module.symvers -o -name '*.symversions' \) \
		-exec rm -f {} +
	@find . -name .git -prune -o -type d -name found -prune \
		-exec rm -rf {} +
	@rm -rf .tmp_versions tests/unit/build
	@rm -f perftop_*.dsc perftop_*.tar.xz perftop_*.buildinfo \
		perftop_*.changes perftop-dkms_*.deb

# --- Install ----------------------------------------------------------------

install: install-module install-data

uninstall: uninstall-module uninstall-data

# Where unsigned modules are refused, better said now than by insmod.
install-module: modules
	@$(INSTALL) -d '$(DESTDIR)$(moduledir)'
	@$(INSTALL_DATA) perftop.ko '$(DESTDIR)$(moduledir)'
ifndef DESTDIR
	@depmod '$(release)'
	@packaging/must-sign '$(moduledir)/perftop.ko'
endif

uninstall-module:
	@test '$(release)' || { \
		echo 'perftop: no kernel headers in $(KDIR): give KDIR=' >&2; \
		exit 1; }
	@rm -f '$(DESTDIR)$(moduledir)/perftop.ko'
ifndef DESTDIR
	@depmod '$(release)'
endif

# All but the module.
install-data:
	@$(INSTALL) -d '$(DESTDIR)$(man4dir)' '$(DESTDIR)$(unitdir)' \
		'$(DESTDIR)$(docdir)/docs' '$(DESTDIR)$(docdir)/examples'
	@$(INSTALL_DATA) packaging/perftop.4 '$(DESTDIR)$(man4dir)'
	@sed -i 's/@VERSION@/$(version)/' '$(DESTDIR)$(man4dir)/perftop.4'
	@$(INSTALL_DATA) packaging/perftop.service '$(DESTDIR)$(unitdir)'
	@$(INSTALL_DATA) README.md '$(DESTDIR)$(docdir)'
	@$(INSTALL_DATA) $(chapters) '$(DESTDIR)$(docdir)/docs'
	@$(INSTALL_DATA) packaging/perftop.conf '$(DESTDIR)$(docdir)/examples'

uninstall-data:
	@rm -f '$(DESTDIR)$(man4dir)/perftop.4' \
		'$(DESTDIR)$(unitdir)/perftop.service' \
		'$(DESTDIR)$(docdir)/README.md' \
		$(chapters:%='$(DESTDIR)$(docdir)/%') \
		'$(DESTDIR)$(docdir)/examples/perftop.conf'
	@rmdir '$(DESTDIR)$(docdir)/docs' '$(DESTDIR)$(docdir)/examples' \
		'$(DESTDIR)$(docdir)' 2>/dev/null || true

# What DKMS builds from, in whoever's hands it is then.
install-sources:
	@$(INSTALL) -d '$(DESTDIR)$(sourcedir)'
	@tar -c --owner=0 --group=0 --mode=u+w,go=rX --exclude=found \
		--exclude='.*.cmd' --exclude='*.o' $(sources) | \
		tar -x -C '$(DESTDIR)$(sourcedir)'

# With DKMS, which builds it again for each kernel that comes; without Debian's
# package.
dkms-install: can-build install-data install-sources
	@sed 's/#MODULE_VERSION#/$(version)/' packaging/dkms.conf \
		>'$(sourcedir)/dkms.conf'
	@dkms install perftop/$(version) -k '$(release)'

dkms-uninstall: uninstall-data
	@dkms remove perftop/$(version) --all
	@rm -rf '$(sourcedir)'

# Packages, put into this directory.
deb:
	@packaging/deb

# --- Test -------------------------------------------------------------------

unit:
	@scripts/test --unit

check:
	@scripts/check

test:
	@scripts/test

demo:
	@scripts/demo

help:
	@echo 'make [modules]        build perftop.ko for the running kernel'
	@echo 'make install          install it, its man page and unit; uninstall'
	@echo 'make dkms-install     the same by DKMS, which builds it again for'
	@echo '                      each kernel that comes; dkms-uninstall'
	@echo 'make deb              Debian packages, here: perftop-dkms_*.deb'
	@echo 'make modules_install  the module alone, as the kernel does it'
	@echo 'make clean            remove what was built'
	@echo 'make demo             boot a guest, load it, show what it prints'
	@echo 'make test             all tests: unit, check and guest'
	@echo 'make unit             the tests that need no kernel'
	@echo 'make check            compiler, sparse, checkpatch, kernel-doc,'
	@echo '                      shellcheck, links: silent when all is well'
	@echo
	@echo 'KDIR=DIR              for the kernel with these headers'
	@echo 'DESTDIR=DIR prefix=   where install puts things; see the Makefile'

.PHONY: modules can-build modules_install clean install install-module \
	install-data install-sources uninstall uninstall-module uninstall-data \
	dkms-install dkms-uninstall deb unit check test demo help
