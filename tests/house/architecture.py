#!/usr/bin/env python3
"""Fails on an include or a print that docs/decisions.md's table of rooms forbids.

architecture.py ROOT [ADVISOR]   checks the sources under ROOT and what ADVISOR links
architecture.py --self-test      checks that the checks catch what they should
"""
import pathlib
import re
import subprocess
import sys
import tempfile

STANDARD = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono
cinttypes climits clocale cmath codecvt compare complex concepts condition_variable coroutine
csetjmp csignal cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar cwctype deque
exception execution filesystem forward_list fstream functional future initializer_list iomanip ios
iosfwd iostream istream iterator latch limits list locale map memory memory_resource mutex new
numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore set
shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view
syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set
utility valarray variant vector version
""".split())

# Parts of the standard library that reach for files, clocks, streams or threads.
IMPURE = set("""
chrono condition_variable csignal cstdio ctime filesystem fstream future iostream mutex
shared_mutex syncstream thread
""".split())

LIBRARIES = {
    "fmt": r"fmt/", "yaml-cpp": r"yaml-cpp/", "nlohmann": r"nlohmann/", "hwloc": r"hwloc",
    "libnuma": r"numa(if)?\.h$", "MPI": r"mpi\.h$", "CLI11": r"CLI/", "SQLite": r"sqlite3\.h$",
}

ROOMS = {
    "advisor/core": {"advisor/core", "fmt"},
    "advisor/io": {"advisor/io", "advisor/core", "fmt", "yaml-cpp", "nlohmann", "SQLite", "system", "impure"},
    "advisor/measure": {"advisor/measure", "advisor/core", "fmt", "hwloc", "libnuma", "system",
                        "impure"},
    "advisor/cli": {"advisor/cli", "advisor/core", "advisor/io", "advisor/measure", "slurm", "fmt",
                    "yaml-cpp", "nlohmann", "CLI11", "system", "impure", "print"},
    "slurm/hooks": {"slurm/hooks", "slurm", "advisor/core", "advisor/io", "advisor/measure", "fmt",
                    "nlohmann", "system", "impure", "print"},
    "slurm": {"slurm", "advisor/core", "fmt", "impure"},
    "mpi": {"mpi", "advisor/core", "advisor/io", "advisor/measure", "fmt", "MPI", "hwloc", "CLI11",
            "system", "impure", "print"},
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
PRINT = re.compile(r"std::(cout|cerr|clog|printf|puts)\b|\bfmt::print\b")


def origin(quote, path):
    """What an include reaches for: a room, a library, 'system', 'impure' or 'standard'."""
    if quote == '"':
        return str(pathlib.PurePosixPath(path).parent)
    for library, pattern in LIBRARIES.items():
        if re.match(pattern, path):
            return library
    if path in IMPURE:
        return "impure"
    return "standard" if path in STANDARD else "system"


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def room_of(source):
    """The room whose rules hold: subfolders follow their room."""
    return next((room for room in ROOMS if source.startswith(room + "/")), None)


def faults_in(name, text):
    room = room_of(name)
    allowed = ROOMS[room] | {"standard"}
    for match in INCLUDE.finditer(text):
        what = origin(match[1], match[2])
        folder_of_ours = match[1] == '"'
        reached = (room_of(what + "/") or what) if folder_of_ours else what
        if reached not in allowed:
            yield f"{name}:{line_of(text, match.start())}: {room} may not include {match[2]} ({what})"
    if "print" not in allowed:
        for match in PRINT.finditer(re.sub(r"//[^\n]*", "", text)):
            yield f"{name}:{line_of(text, match.start())}: only cli and mpi print, {room} uses {match[0]}"


def faults_under(root):
    for room in ROOMS:
        for source in sorted((root / room).rglob("*.[ch]pp")):
            yield from faults_in(source.relative_to(root).as_posix(), source.read_text())


def links_mpi(program):
    listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    return "libmpi" in listing


def self_test():
    forbidden = [
        ("advisor/core/a.cpp", "#include <hwloc.h>"),
        ("advisor/core/a.cpp", "#include <unistd.h>"),
        ("advisor/core/a.cpp", "#include <fstream>"),
        ("advisor/core/a.cpp", "  #  include <sys/stat.h>"),
        ("advisor/core/a.hpp", '#include "advisor/io/reader.hpp"'),
        ("advisor/core/deep/a.hpp", '#include "advisor/measure/x.hpp"'),
        ("advisor/core/a.hpp", '#include "units.hpp"'),
        ("advisor/io/a.cpp", "#include <hwloc.h>"),
        ("advisor/measure/a.cpp", "#include <yaml-cpp/yaml.h>"),
        ("advisor/measure/a.cpp", "#include <nlohmann/json.hpp>"),
        ("advisor/cli/a.cpp", "#include <mpi.h>"),
        ("advisor/cli/a.cpp", '#include "mpi/ranks.hpp"'),
        ("slurm/a.cpp", '#include "advisor/measure/run_command.hpp"'),
        ("mpi/a.cpp", '#include "slurm/spelling.hpp"'),
        ("mpi/a.cpp", "#include <yaml-cpp/yaml.h>"),
        ("slurm/a.cpp", "void f() { std::cerr << 1; }"),
    ]
    allowed = [
        ("advisor/core/a.cpp", "#include <vector>\n#include <fmt/core.h>"),
        ("advisor/core/a.cpp", '#include "advisor/core/units.hpp"'),
        ("advisor/io/a.cpp", "#include <yaml-cpp/yaml.h>"),
        ("advisor/measure/a.cpp", "#include <hwloc.h>\n#include <numa.h>\n#include <unistd.h>"),
        ("mpi/a.cpp", "#include <mpi.h>\n#include <hwloc/linux.h>"),
        ("slurm/a.cpp", "// not std::cout\n"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for number, (cases, expected) in enumerate([(forbidden, 1), (allowed, 0)]):
            for name, text in cases:
                root = pathlib.Path(folder, f"{number}-{cases.index((name, text))}")
                source = root / name
                source.parent.mkdir(parents=True)
                source.write_text(text + "\n")
                found = list(faults_under(root))
                assert len(found) == expected, f"{name}: {text}: {found}"


def main(arguments):
    if arguments == ["--self-test"]:
        self_test()
        return 0
    root = pathlib.Path(arguments[0])
    faults = list(faults_under(root))
    if len(arguments) > 1 and links_mpi(arguments[1]):
        faults.append(f"{arguments[1]}: links MPI, and must start at once where there is none")
    print("\n".join(faults) if faults else "every include is one that its room may have")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
