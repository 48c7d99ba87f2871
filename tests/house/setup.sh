#!/usr/bin/env bash
# What setup.sh does as a user without sudo, with sudo, and when nothing is missing. The package
# tools and CMake are stand-ins that log how they are called: nothing is installed.
#   setup.sh ROOT
set -euo pipefail

# Its own user, so that root's test run also sees what a user would.
if ((EUID == 0)); then
    copy=$(mktemp -d)
    trap 'rm -rf "$copy"' EXIT
    cp "$0" "$copy/test.sh"
    cp "$1/setup.sh" "$copy/setup.sh"
    chmod -R a+rX "$copy"
    setpriv --reuid=65534 --regid=65534 --clear-groups bash "$copy/test.sh" "$copy"
    exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/checkout" "$work/tools" "$work/sudo"
cp "$1/setup.sh" "$work/checkout"
export LOG=$work/log INSTALLED=$work/installed

stand_in() { # FOLDER NAME BODY
    printf '#!/bin/bash\necho "%s $*" >> "$LOG"\n%s\n' "$2" "$3" > "$work/$1/$2"
    chmod +x "$work/$1/$2"
}
# shellcheck disable=SC2016  # the stand-ins expand these, not this script
{
    stand_in tools dpkg-query 'for p in "${@:3}"; do grep -qx "$p" "$INSTALLED" && echo "installed $p"; done'
    stand_in tools cmake '[[ $1 != --preset ]] || { mkdir -p build/release; touch build/release/build.ninja; }'
    stand_in tools ctest ''
    stand_in sudo sudo '
        [[ "$*" == *--simulate* && ! -e $LOG.updated ]] && exit 100
        [[ "$*" == *" update"* ]] && touch "$LOG.updated"
        cat > /dev/null'
}

fail() {
    printf 'FAILED: %s\n--- log\n%s\n--- output\n%s\n' "$1" "$(cat "$LOG")" "$(cat "$work/out")"
    exit 1
}
setup() { # PATH VERB...: exit code in $code, both streams in out
    local path=$1
    shift
    rm -rf "$work/checkout/build" "$LOG.updated"
    : > "$LOG"
    code=0
    PATH=$path bash "$work/checkout/setup.sh" "$@" > "$work/out" 2>&1 < /dev/null || code=$?
}
logged() { grep -q -- "$1" "$LOG"; }
said() { grep -q -- "$1" "$work/out"; }

# Only what the test needs, so that a real sudo on this machine is out of reach.
mkdir "$work/base"
for tool in bash sed grep mkdir touch cat env rm tee chmod dirname printf; do
    ln -s "$(type -P $tool)" "$work/base/$tool"
done
without_sudo=$work/tools:$work/base
with_sudo=$work/sudo:$without_sudo
packages=$(sed -n '/^build_packages=(/,/)/p; /^test_packages=(/,/)/p' "$1/setup.sh" |
    sed "s/.*(//; s/)//; s/'//g" | tr -s ' ' '\n' | sed '/^$/d; s/.*|//')

: > "$INSTALLED"
setup "$without_sudo" build
((code == 5)) || fail "packages missing and no way to install them: exit $code, not 5"
said 'sudo apt-get install --no-install-recommends .*g++' || fail "the administrator's command is not printed"
said slurmdbd && fail "build asks for packages that only the tests need"
logged '^cmake' && fail "built without its packages"

setup "$with_sudo" test
((code == 0)) || fail "test with sudo: exit $code"
logged 'apt-get .*install --yes --no-install-recommends .*g++.*' || fail "sudo does not install g++"
logged 'apt-get .*install .*slurmdbd' || fail "sudo does not install what the tests need"
logged 'apt-get .* update' || fail "an absent package list is not renewed"
logged 'DEBIAN_FRONTEND=noninteractive' || fail "apt may ask questions"
logged '^ctest .*--no-tests=error' || fail "the tests were not run"
[[ -e /usr/sbin/policy-rc.d ]] || logged 'rm -f /usr/sbin/policy-rc.d' || fail "the policy is left behind"

printf '%s\n' "$packages" > "$INSTALLED"
setup "$without_sudo" test
((code == 0)) || fail "nothing missing: exit $code"
logged apt-get && fail "apt-get ran with nothing missing"

grep -v '^slurmdbd$' <<< "$packages" > "$INSTALLED"
setup "$without_sudo" build
((code == 0)) || fail "build needs a package of the tests: exit $code"

setup "$without_sudo" bulid
((code == 2)) && said 'setup.sh advise' || fail "a misspelt verb: exit $code, or no usage"

echo "setup.sh keeps its promises"
