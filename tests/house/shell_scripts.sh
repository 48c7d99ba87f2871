#!/usr/bin/env bash
# Every shell script of the project passes bash -n and shellcheck.
#   shell_scripts.sh ROOT
set -euo pipefail
cd "$1"

mapfile -t scripts < <(grep -rlIE --exclude-dir=build --exclude-dir=.git --exclude-dir=golden \
    '^#!.*\b(ba|da)?sh$' . | sort)
((${#scripts[@]} > 1)) || { echo "found no scripts under $1"; exit 1; }
for script in "${scripts[@]}"; do
    bash -n "$script"
done
if ! command -v shellcheck > /dev/null; then
    echo "SKIPPED: shellcheck is not installed"
    exit 77
fi
shellcheck --external-sources --source-path=SCRIPTDIR --severity=warning "${scripts[@]}"
echo "${#scripts[@]} scripts are sound"
