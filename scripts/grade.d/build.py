# SPDX-License-Identifier: GPL-2.0
"""Copy a submission and build it, isolated from this machine.

A Makefile is a program: "all: ; rm -rf ~" is one. So no make of a submission's
runs on the host as it is, but inside bubblewrap: name spaces of its own without
a network, its copy and nothing else writable, of this machine only /usr and
the kernel's headers, read-only, no capability, no environment, limits on
time, memory and the size of files. What comes out is text and .ko files, and
those are loaded in guests only. Building in a guest would be tighter still,
but compiling under emulation takes longer than all the checks together.
"""

import difflib
import os
import re
import shutil
import subprocess
from pathlib import Path

import archive

# What is copied of a submission: no file above this, and not more in all.
FILE_MOST = 2 << 20
ALL_MOST = 64 << 20
SECONDS = 100
PATCHES = Path(__file__).resolve().parent / 'adapt'
# Where a build finds its copy.
SEEN = '/grade/tree/'
OUTPUT_MOST = 200000

BUILT = re.compile(r'\.(?:ko|o|a|mod|cmd|d|order|symvers)$|\.mod\.c$')
MAKEFILES = ('Kbuild', 'Makefile', 'makefile', 'GNUmakefile')
INIT = re.compile(r'\bmodule_init\s*\(|\bint\s+init_module\s*\(')


class Module:
    """A .ko, and what it was built from."""

    def __init__(self, path, how, texts):
        self.path = path
        self.how = how
        self.texts = texts      # its sources, by name; perhaps none are known
        self.name = path.stem


class Build:
    """What came of a submission's build."""

    def __init__(self, tree):
        self.tree = tree
        self.modules = []
        self.errors = []
        self.warnings = []
        self.notes = []
        self.lost = []          # (name of a module, why it is not made)
        self.log = ''
        self.patches = {}       # what was adapted: name -> in words
        self.diff = ''


def copy(source, tree):
    """Copy what may be of use, and say what was left out or changed. What is
    packed is unpacked beside where it lay."""
    notes, left, total = [], [], 0
    tree.mkdir(parents=True)
    if source.is_file():
        return unpack(source, tree, tree, '')
    for top, directories, names in os.walk(source):
        left += [str(Path(top, d).relative_to(source)) + '/'
                 for d in directories if d[0] == '.']
        directories[:] = sorted(d for d in directories if d[0] != '.')
        for name in sorted(names):
            path = Path(top, name)
            shown = path.relative_to(source)
            if path.is_symlink() or not path.is_file():
                notes.append('%s is no plain file and was left out' % shown)
            elif path.suffix == '.ko':
                notes.append('%s was there already built and was ignored' %
                             shown)
            elif archive.is_archive(path):
                notes += unpack(path, tree, (tree / shown).parent /
                                archive.stem(path), shown)
            elif name[0] == '.' or BUILT.search(name) or not wanted(path) or \
                    path.stat().st_size > FILE_MOST:
                left.append(str(shown))
            else:
                total += path.stat().st_size
                if total > ALL_MOST:
                    notes.append('too much to copy; %s and others were left '
                                 'out' % shown)
                    break
                target = tree / shown
                target.parent.mkdir(parents=True, exist_ok=True)
                if plain(path, target):
                    notes.append('%s has Windows line ends; converted' % shown)
    if left:
        notes.append('left out: ' + ', '.join(left[:20]) + (
            ' and %d more' % (len(left) - 20) if len(left) > 20 else ''))
    return notes


def unpack(path, tree, target, shown):
    """An archive, by way of a folder of its own; one in it is left."""
    apart = tree.parent / 'unpacked'
    shutil.rmtree(apart, ignore_errors=True)
    notes = archive.unpack(path, apart, FILE_MOST, ALL_MOST)
    for inner in list(apart.rglob('*')):
        if inner.is_file() and archive.is_archive(inner):
            notes.append('%s: %s is packed once more and was left out' % (
                path.name, inner.relative_to(apart)))
            inner.unlink()
    shutil.rmtree(target, ignore_errors=True)
    notes += copy(apart, target)
    if shown:
        notes.append('%s was unpacked' % shown)
    return notes


def wanted(path):
    return path.name in MAKEFILES or path.suffix.lower() in (
        '.c', '.h', '.s', '.mk', '.inc', '.txt', '.sh', '')


def plain(path, target):
    """Copy without byte order mark and carriage returns; True if it had any."""
    data = path.read_bytes()
    if data.startswith(b'\xef\xbb\xbf'):
        data = data[3:]
    changed = b'\r\n' in data
    target.write_bytes(data.replace(b'\r\n', b'\n'))
    target.chmod(0o644)
    return changed


def check_sandbox():
    """See that bubblewrap works here."""
    probe = subprocess.run(sandbox([], '/') + ['true'], capture_output=True,
                           text=True)
    if probe.returncode:
        raise SystemExit('grade: bubblewrap cannot isolate a build here: ' +
                         probe.stderr.strip())


def sandbox(binds, directory, root='/'):
    """The command line in front of what is to run isolated; root is where its
    programs are."""
    usr = os.path.join(root, 'usr')
    words = ['bwrap', '--unshare-all', '--die-with-parent', '--new-session',
             '--uid', '65534', '--gid', '65534', '--cap-drop', 'ALL',
             '--clearenv', '--setenv', 'PATH', '/grade/bin:/usr/bin:/usr/sbin',
             '--setenv', 'HOME', '/tmp', '--setenv', 'LC_ALL', 'C.UTF-8',
             '--ro-bind', usr, '/usr', '--symlink', 'usr/bin', '/bin',
             '--symlink', 'usr/sbin', '/sbin',
             '--symlink', 'usr/lib64', '/lib64',
             '--ro-bind', usr + '/lib/x86_64-linux-gnu',
             '/lib/x86_64-linux-gnu',
             '--proc', '/proc', '--dev', '/dev',
             '--size', str(ALL_MOST * 4), '--tmpfs', '/tmp']
    if root == '/':
        words += ['--ro-bind-try', '/etc/alternatives', '/etc/alternatives',
                  '--ro-bind-try', '/etc/ld.so.cache', '/etc/ld.so.cache']
    words += binds + ['--remount-ro', '/', '--chdir', directory, 'prlimit',
                      '--cpu=90', '--as=%d' % (4 << 30),
                      '--fsize=%d' % (64 << 20), '--core=0', '--']
    return words


class Builder:
    """Builds trees for one kernel, as scripts/kernel does: with its compiler,
    in a tree of its release where the machine's is older. symvers says what the
    grader's own module exports."""

    def __init__(self, kernel, kdir, top, release, compiler, root, symvers,
                 work, children):
        self.kernel = kernel
        self.children = children
        self.kdir = kdir
        self.release = release
        self.root = root
        self.variables = ['CC=' + compiler,
                          'KBUILD_EXTRA_SYMBOLS=%s' % symvers]
        tools = work / ('tools-' + kernel)
        tools.mkdir(parents=True, exist_ok=True)
        uname = tools / 'uname'
        uname.write_text('#!/bin/sh\ncase $1 in -r) echo %s ;; *) exec '
                         '/usr/bin/uname "$@" ;; esac\n' % release)
        uname.chmod(0o755)
        sudo = tools / 'sudo'
        sudo.write_text('#!/bin/sh\nexec "$@"\n')
        sudo.chmod(0o755)
        self.binds = ['--ro-bind', str(top), str(top),
                      '--ro-bind', str(symvers), str(symvers),
                      '--ro-bind', str(tools), '/grade/bin',
                      '--symlink', str(kdir),
                      '/lib/modules/%s/build' % release]

    def run(self, tree, directory, command, binds=None, root='/'):
        """Run a command isolated; (status, what it said)."""
        where = SEEN + str(directory.relative_to(tree))
        words = sandbox(['--bind', str(tree), SEEN] +
                        (self.binds if binds is None else binds), where, root)
        log = tree.parent / 'make.log'
        with open(log, 'wb') as out:
            process = self.children.start(words + command, stdout=out,
                                          stderr=subprocess.STDOUT)
            try:
                status = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = 124
            self.children.ended(process)
        with open(log, 'rb') as said:
            text = said.read(OUTPUT_MOST).decode(errors='replace')
        return status, text.replace(SEEN, '')

    def kbuild(self, tree, directory):
        """The kernel's own make, which reads the directory's Makefile."""
        return self.run(tree, directory, [
            'make', '-C', str(self.kdir), 'M=' + SEEN +
            str(directory.relative_to(tree)), 'modules'] + self.variables,
            root=self.root)

    def own(self, tree, directory):
        """The directory's own make, told where the headers are."""
        variables = ['%s=%s' % (name, self.kdir) for name in (
            'KDIR', 'KERNELDIR', 'KERNEL_DIR', 'KERNDIR', 'KERN_DIR', 'KSRC',
            'KERNEL_SRC', 'KERNEL', 'KPATH', 'KBUILD_DIR', 'LINUX_DIR')]
        return self.run(tree, directory, ['make'] + variables +
                        self.variables, root=self.root)

    def adapt(self, tree, patches):
        """Apply semantic patches to a copy; those that changed it."""
        binds = ['--ro-bind', str(PATCHES), '/grade/adapt']
        names = [str(p.relative_to(tree)) for p in sorted(tree.rglob('*.[ch]'))]
        changed = []
        for patch in patches:
            before = texts(tree)
            # A file at a time: what it cannot parse is left as it is.
            for name in names:
                self.run(tree, tree, [
                    'spatch', '--very-quiet', '--in-place', '--timeout', '30',
                    '--sp-file', '/grade/adapt/%s' % patch.relative_to(PATCHES),
                    name], binds)
            if texts(tree) != before:
                changed.append(patch)
        return changed


def probed():
    """Functions that some kernels lack, with the patch that helps there."""
    return {patch.stem: patch for patch in (PATCHES / 'probed').glob('*.cocci')}


def patches_for(built, lacking):
    """The semantic patches to try: those of the functions that the kernel
    lacks, and all others, if it does not build without."""
    chosen = [] if built else sorted(PATCHES.glob('*.cocci'))
    return chosen + [patch for name, patch in probed().items()
                     if name in lacking]


def directories(tree):
    """Where modules may be built: a Makefile that says obj-m, or sources."""
    found = []
    for top, names, files in os.walk(tree):
        names.sort()
        path = Path(top)
        if any(read(path / name).find('obj-m') >= 0 for name in MAKEFILES
               if name in files) or sources(path):
            found.append(path)
    # One with a Makefile takes those below it that it may refer to.
    mains = [p for p in found if has_obj_m(p)]
    return [p for p in found if p in mains and
            not any(m in p.parents for m in mains)] or found


def has_obj_m(path):
    return any('obj-m' in read(path / name) for name in MAKEFILES)


def read(path):
    try:
        return path.read_text(errors='replace')
    except OSError:
        return ''


def sources(path):
    """The .c files of a directory that make a module."""
    return [p for p in sorted(path.iterdir()) if p.suffix.lower() == '.c' and
            not p.name.endswith('.mod.c') and INIT.search(read(p))]


def collect(build, directory, how):
    """Take the .ko files out of the tree, before something else is built."""
    found = False
    for path in sorted(directory.rglob('*.ko')):
        if path.is_symlink() or path.stat().st_size > FILE_MOST * 8:
            continue
        if path.stem in [m.name for m in build.modules]:
            continue
        kept = build.tree.parent / 'built'
        kept.mkdir(exist_ok=True)
        target = kept / path.name
        shutil.copyfile(path, target)
        build.modules.append(Module(target, how, module_texts(
            build.tree, path)))
        found = True
    return found


def module_texts(tree, module):
    """The sources that the build says a module is made of, with what they
    include of their own."""
    found = {}
    todo = []
    for word in read(module.with_suffix('.mod')).split():
        path = tree / word[len(SEEN):] if word.startswith(SEEN) else \
            module.parent / word
        todo.append(path.with_suffix('.c'))
    while todo:
        path = todo.pop()
        if str(path) in found or not path.is_file():
            continue
        found[str(path)] = text = read(path)
        todo += [path.parent / name for name in
                 re.findall(r'^\s*#\s*include\s+"([^"\n]+)"', text, re.M)]
    return found


def note(build, text):
    """Keep errors and warnings of what make said."""
    for line in text.split('\n'):
        if re.search(r'\b(?:error|ERROR)\b|\*\*\* |undefined!', line) and \
                line.strip() not in build.errors:
            build.errors.append(line.strip())
        elif re.search(r'\bwarning:', line) and line not in build.warnings:
            build.warnings.append(line.strip())


OBJ_M = re.compile(r'^[ \t]*obj-m[ \t]*[:+]?=((?:[^\n\\#]|\\.)*)',
                   re.M | re.S)


def listed(directory):
    """The modules that its Makefile names, and the text of that file."""
    for name in ('Kbuild', 'Makefile'):
        text = read(directory / name)
        if text:
            return [Path(word).stem for words in OBJ_M.findall(text)
                    for word in words.split() if word.endswith('.o')], text
    return [], ''


def build_each(builder, build, directory):
    """Of several modules, those that are missing, each by itself: one that
    does not compile is to take no other with it."""
    names, text = listed(directory)
    if len(names) < 2:
        return
    path, aside = directory / 'Kbuild', directory / 'Kbuild.grade'
    if path.exists():
        path.rename(aside)
    for name in names:
        if name in [m.name for m in build.modules]:
            continue
        path.write_text('%s\nobj-m := %s.o\n' % (text, name))
        status, said = builder.kbuild(build.tree, directory)
        build.log += said
        note(build, said)
        if not collect(build, directory, 'its own Makefile, each by itself'):
            build.lost.append((name, first_error(said)))
    path.unlink(missing_ok=True)
    if aside.exists():
        aside.rename(path)


def first_error(text):
    """The first line that says what was wrong."""
    return next((line.strip() for line in text.split('\n')
                 if re.search(r'\berror:|ERROR|undefined!', line)),
                'it is not made')


def build_directory(builder, build, directory):
    """By its own Makefile where that works, else by a plain one."""
    before = len(build.modules)
    if has_obj_m(directory):
        status, text = builder.kbuild(build.tree, directory)
        build.log += text
        note(build, text)
        collect(build, directory, 'its own Makefile')
        build_each(builder, build, directory)
        if len(build.modules) > before:
            return
        broken = re.search(r'\.[cCh]:\d+(?::\d+)?: (?:fatal )?error', text)
    else:
        broken = False
    if not broken and any((directory / n).exists() for n in MAKEFILES):
        status, text = builder.own(build.tree, directory)
        build.log += text
        note(build, text)
        if collect(build, directory, 'its own Makefile'):
            return
        if status == 124:
            build.notes.append('its own make did not end within %d s' %
                               SECONDS)
    if not broken:
        build_plain(builder, build, directory)


def build_plain(builder, build, directory):
    """One module from each source that makes one, by a Kbuild of one line."""
    errors = build.errors
    build.errors = []
    for source in sources(directory):
        name = re.sub(r'\W+', '_', source.stem).strip('_') or 'perftop'
        plain_tree = directory / '.grade'
        shutil.rmtree(plain_tree, ignore_errors=True)
        plain_tree.mkdir()
        for other in directory.iterdir():
            if other.suffix in ('.h', '.inc', '.c') and other.is_file():
                shutil.copy(other, plain_tree / other.name)
        if source.name != name + '.c':
            shutil.copy(source, plain_tree / (name + '.c'))
        (plain_tree / 'Kbuild').write_text('obj-m := %s.o\n' % name)
        status, text = builder.kbuild(build.tree, plain_tree)
        build.log += text
        note(build, text)
        if not collect(build, plain_tree, 'a plain Makefile'):
            build.lost.append((name, first_error(text)))
        shutil.rmtree(plain_tree, ignore_errors=True)
    if build.modules and errors:
        build.notes.append('its own Makefile does not work here: ' + errors[0])
    if not build.modules:
        build.errors = errors + build.errors


def documented(patch):
    """What a semantic patch says of itself."""
    return ' '.join(line[2:].strip() for line in read(patch).split('\n')[1:]
                    if line.startswith('//'))


def build(builder, source, work, patches=()):
    """Copy and build a submission, as it is or adapted by semantic patches;
    where those change nothing, nothing is built."""
    result = Build(work / 'tree')
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    result.notes = copy(source, result.tree)
    if patches:
        before = texts(result.tree)
        result.patches = {p.stem: documented(p)
                          for p in builder.adapt(result.tree, patches)}
        result.diff = difference(before, texts(result.tree))
        if not result.patches:
            return result
    for directory in directories(result.tree):
        before = len(result.modules)
        build_directory(builder, result, directory)
        if len(result.modules) == before and len(result.modules):
            result.notes.append('nothing could be built in %s' %
                                directory.relative_to(result.tree))
    if result.modules:
        result.notes += ['%s.ko is not made: %s' % lost for lost in result.lost
                         if lost[0] not in [m.name for m in result.modules]]
    named = [m for m in result.modules
             if b'perftop' in m.path.read_bytes()]
    result.modules = named or result.modules
    return result


def difference(before, after):
    """Two sets of sources as a diff."""
    return '\n'.join(line for name in sorted(after) for line in
                     difflib.unified_diff(
                         before.get(name, '').split('\n'),
                         after[name].split('\n'), name, name + ' (adapted)',
                         lineterm=''))


def texts(directory):
    """The sources below a directory, by name."""
    return {str(p.relative_to(directory)): read(p)
            for p in sorted(directory.rglob('*'))
            if p.suffix.lower() in ('.c', '.h') and p.is_file() and
            not p.name.endswith('.mod.c')}
