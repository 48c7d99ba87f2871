#!/usr/bin/env bash
# install.sh: a dry run that changes nothing, an installation, what it refuses, a removal.   install_test.sh PROGRAMS
set -euo pipefail
programs=$(realpath "$1")/hooks
install=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../slurm/hooks" && pwd)/install.sh
work=$(mktemp -d /var/tmp/amorsize-install.XXXXXX)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $*" >&2; exit 1; }
unchanged() { # CODE WORDS ARGUMENTS...: ends with that code and those words, and changes nothing
    local code=$1 words=$2 status=0 before
    shift 2
    before=$(ls -lR "$work/etc" "$work/slurm")
    bash "$install" "$@" >"$work/out" 2>&1 || status=$?
    [[ $status == "$code" ]] || fail "$*: exit code $status, not $code"
    grep -q -- "$words" "$work/out" || fail "$*: said $(cat "$work/out")"
    [[ $(ls -lR "$work/etc" "$work/slurm") == "$before" ]] || fail "$*: changed something"
    echo "ok: nothing done: $words"
}
mkdir "$work/slurm" "$work/etc"
echo ClusterName=x >"$work/slurm/slurm.conf"
ours=(--programs "$programs" --folder "$work/etc/amorsize" --cli-filter "$work/slurm")

unchanged 0 "would: install .*/prolog" "${ours[@]}" --dry-run
unchanged 2 "needs an absolute path" --folder here
unchanged 2 "needs an absolute path" --folder "/with blanks"
unchanged 2 "install.sh \[--dry-run\]" --no-such-option
unchanged 5 "hook is missing" --programs "$work/slurm" --folder "$work/etc/amorsize"
unchanged 5 "no slurm.conf" "${ours[@]}" --cli-filter "$work/etc"
echo "function slurm_cli_setup_defaults() end" >"$work/slurm/cli_filter.lua"
unchanged 5 "is your own" "${ours[@]}"
unchanged 5 "is your own" --uninstall "${ours[@]}"
rm "$work/slurm/cli_filter.lua"

bash "$install" "${ours[@]}" >"$work/out"
[[ $(cd "$work/etc/amorsize" && echo *) == "epilog hook hooks.conf prolog request-advice task-prolog" ]] || fail "installed: $(ls "$work/etc/amorsize")"
grep -q "^local advisor = \"$work/etc/amorsize/request-advice\"$" "$work/slurm/cli_filter.lua" || fail "the filter calls something else"
for line in Prolog= Epilog= TaskProlog= CliFilterPlugins=; do grep -q "^  $line" "$work/out" || fail "no line $line"; done
echo "ok: installed"
echo "# ours" >>"$work/etc/amorsize/hooks.conf"
bash "$install" "${ours[@]}" >"$work/out"
grep -q "^kept: .*hooks.conf" "$work/out" || fail "settings not kept"
grep -q "^# ours" "$work/etc/amorsize/hooks.conf" || fail "settings replaced"
echo "ok: installed again, settings kept"

unchanged 0 "would: rm" --uninstall "${ours[@]}" --dry-run
echo CliFilterPlugins=cli_filter/lua >>"$work/slurm/slurm.conf"
unchanged 5 "every sbatch and srun would fail" --uninstall "${ours[@]}"
sed -i /CliFilter/d "$work/slurm/slurm.conf"
bash "$install" --uninstall "${ours[@]}" >/dev/null
[[ -z $(ls "$work/etc") && $(ls "$work/slurm") == slurm.conf ]] || fail "left: $(ls -R "$work")"
echo "ok: removed"
