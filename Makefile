# SPDX-License-Identifier: GPL-2.0
# perftop: the front end to Kbuild, which reads the file of that name, and to
# the scripts.

KDIR ?= /lib/modules/$(shell uname -r)/build

# Where the headers are somebody's own, the scripts are told.
ifneq ($(origin KDIR),file)
export KDIR
endif

build := $(MAKE) -C $(KDIR) M=$(CURDIR)

modules:

# Before what needs the kernel's headers, in words that help.
headers:
	@test -e $(KDIR)/Makefile || { \
		echo 'No kernel headers in $(KDIR): install' \
		     'linux-headers-$(shell uname -r), or give KDIR=' >&2; \
		exit 1; }

modules modules_install: headers
	@$(build) $@

# Without the kernel's help, whose headers may be gone.
clean:
	@find . -name .git -prune -o -type f \( -name '*.o' -o -name '*.ko' \
		-o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name '*.o.d' -o -name modules.order \
		-o -name Module.symvers -o -name '*.symversions' \) \
		-exec rm -f {} +
	@rm -rf .tmp_versions
	@$(MAKE) -s -C tests/unit clean

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
	@echo 'make modules_install  install it in /lib/modules; then depmod -a'
	@echo 'make clean            remove what was built'
	@echo 'make demo             boot a guest, load it, show what it prints'
	@echo 'make test             all tests: unit, check and guest'
	@echo 'make unit             the tests that need no kernel'
	@echo 'make check            compiler, sparse, checkpatch, kernel-doc,'
	@echo '                      shellcheck: silent when all is well'
	@echo
	@echo 'KDIR=DIR              for the kernel with these headers'

.PHONY: modules headers modules_install clean unit check test demo help
