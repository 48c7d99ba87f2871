#!/usr/bin/env bash
# Puts the hooks into one folder of this node and prints the lines for slurm.conf; changes nothing else.
#   install.sh [--dry-run] [--folder DIR] [--programs DIR]    (DIR: /etc/amorsize, this script's own)
#   install.sh --uninstall [--dry-run] [--folder DIR]
set -euo pipefail

folder=/etc/amorsize
programs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dry_run=''
uninstall=''
while (($#)); do
    case $1 in
        --dry-run) dry_run=1 ;;
        --uninstall) uninstall=1 ;;
        --folder | --programs)
            [[ ${2:-} == /* ]] || { echo "install.sh: $1 needs an absolute path" >&2; exit 2; }
            if [[ $1 == --folder ]]; then folder=$2; else programs=$2; fi
            shift
            ;;
        *)
            sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
            exit 2
            ;;
    esac
    shift
done

act() {
    if [[ $dry_run ]]; then echo "would: $*"; else "$@"; fi
}

if [[ $uninstall ]]; then
    echo "Take the Prolog, Epilog and TaskProlog lines out of slurm.conf and run scontrol reconfigure first:"
    echo "a node whose prolog is named but missing is drained."
    act rm -f "$folder"/{prolog,epilog,task-prolog,hook,hooks.conf}
    if [[ -d $folder ]]; then act rmdir --ignore-fail-on-non-empty "$folder"; fi
    exit 0
fi

for program in hook hook-guard; do
    [[ -x $programs/$program ]] || { echo "install.sh: $programs/$program is missing: build it, or give --programs DIR" >&2; exit 5; }
done
act install -d -m 755 "$folder"
act install -m 755 "$programs/hook" "$folder/hook"
for name in prolog epilog task-prolog; do act install -m 755 "$programs/hook-guard" "$folder/$name"; done
if [[ -e $folder/hooks.conf ]]; then
    echo "kept: $folder/hooks.conf"
elif [[ $dry_run ]]; then
    echo "would: write $folder/hooks.conf"
else
    cat >"$folder/hooks.conf" <<END
# The switch for all hooks: yes or no.
enabled = yes
# In memory, of this boot: the node's facts, a file for each running job. %n is the node's name.
state = /run/amorsize
# On disk: the class of the node, the log.
record = /var/lib/amorsize
END
    chmod 644 "$folder/hooks.conf"
fi
cat <<END
For slurm.conf, once every node has $folder, then: scontrol reconfigure

  Prolog=$folder/prolog
  Epilog=$folder/epilog
  TaskProlog=$folder/task-prolog
END
