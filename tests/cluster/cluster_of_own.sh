# shellcheck shell=bash
# For a test on a cluster of another set-up: source it with the set-up's name, then use the cluster as with lib.sh. It is
# taken down at the end.
cluster=$(dirname "$(realpath "$0")")/cluster.sh
started=0
said=$("$cluster" up "$1" 2>&1) || started=$?
if ((started != 0)); then
    echo "$said"
    exit "$started"
fi
trap '"$cluster" down' EXIT
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
trap 'cd /; "$cluster" down' EXIT
