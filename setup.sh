#!/usr/bin/env bash
# Installs what is missing, builds, and runs. README.md shows what to expect.
#
#   bash setup.sh advise [JOB.yaml]   advice on a job (without one: on a shipped example)
#   bash setup.sh test                build everything and run every test
#   bash setup.sh build               leave the programs in build/release/bin
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=$root/build/release/bin

build_packages=(g++ cmake ninja-build pkg-config ccache libfmt-dev nlohmann-json3-dev
    libyaml-cpp-dev libcli11-dev libhwloc-dev libnuma-dev libsqlite3-dev zlib1g-dev libopenmpi-dev
    openmpi-bin)
test_packages=(catch2 shellcheck python3 python3-jsonschema python3-yaml slurm-wlm slurmdbd
    slurm-client munge mariadb-server iproute2 xz-utils parallel procps
    'hwloc-nox|hwloc')

say() { printf 'setup.sh: %s\n' "$*" >&2; }

# The packages among the arguments that are not installed, one a line; of A|B, A if neither is.
missing() {
    local wanted name installed names
    IFS='| ' read -ra names <<<"$*"
    installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null |
        sed -n 's/^installed //p') || true  # dpkg-query fails where it does not know one of them
    for wanted in "$@"; do
        for name in ${wanted//|/ }; do grep -qxF "$name" <<<"$installed" && continue 2; done
        echo "${wanted%%|*}"
    done
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

may_become_root() {
    ((EUID == 0)) && return
    command -v sudo >/dev/null || return
    # Where a password is wanted, only a person at a terminal can give it.
    sudo -n true 2>/dev/null || [[ -t 0 ]]
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" >&2
}

# Some packages bring daemons. While they are installed, a policy keeps apt from starting them; a
# policy that the administrator has set stays as it is.
without_starting_services() (
    policy=/usr/sbin/policy-rc.d
    if [[ ! -e $policy ]]; then
        trap 'as_root rm -f "$policy"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    "$@"
)

# A package list that is absent or out of date shows as a failed install: then it is renewed.
install() {
    local arguments=(install --yes --no-install-recommends "$@")
    if as_root apt-get --simulate "${arguments[@]}" >/dev/null 2>&1; then
        apt_get "${arguments[@]}" && return
    fi
    apt_get update && apt_get "${arguments[@]}"
}

need() {
    if ! command -v dpkg-query >/dev/null; then
        say "not Debian or Ubuntu: building with the libraries that are here"
        return
    fi
    local packages
    mapfile -t packages < <(missing "$@")
    ((${#packages[@]})) || return 0
    if ! may_become_root; then
        say "packages are missing, and installing them takes an administrator:"
        printf '\n    sudo apt-get update && sudo apt-get install --no-install-recommends %s\n\n' "${packages[*]}" >&2
        exit 5
    fi
    say "installing ${packages[*]}"
    if ! without_starting_services install "${packages[@]}"; then
        say "apt-get could not install them: its message is above"
        exit 5
    fi
}

configure() { (cd "$root" && cmake --preset release "$@" >&2); }

build() {
    need "${build_packages[@]}"
    [[ -f $root/build/release/build.ninja ]] || configure
    cmake --build "$root/build/release" --target programs >&2
}

advise() {
    build
    if (($#)); then
        "$bin/amorsize-advise" "$@"
    else
        mkdir -p "$root/build/advice"
        "$bin/amorsize-advise" --output "$root/build/advice" \
            "$root/configs/examples/monte-carlo/job.yaml"
    fi
}

run_tests() {
    need "${build_packages[@]}" "${test_packages[@]}"
    configure -D BUILD_TESTING=ON -D CMAKE_REQUIRE_FIND_PACKAGE_Catch2=TRUE
    cmake --build "$root/build/release"
    # No test is to learn from another, or to write to its caller's home.
    AMORSIZE_HISTORY='' ctest --test-dir "$root/build/release" --output-on-failure --no-tests=error "$@"
}

usage() { sed -n '2,/^set/{s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

verb=${1:-}
shift || true
case $verb in
    advise) advise "$@" ;;
    build) build ;;
    test) run_tests "$@" ;;
    -h | --help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
