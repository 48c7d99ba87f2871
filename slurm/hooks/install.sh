#!/usr/bin/env bash
# Puts the hooks into one folder of this node and prints the lines for slurm.conf; changes nothing else.
#   install.sh [--dry-run] [--folder DIR] [--programs DIR] [--cli-filter DIR]
#   install.sh --uninstall [--dry-run] [--folder DIR] [--cli-filter DIR]
# --folder: /etc/amorsize if not given. --programs: where they were built; else this script's folder.
# --cli-filter: where slurm.conf is; puts cli_filter.lua beside it, which compares requests with the advice.
set -euo pipefail

folder=/etc/amorsize
cli_filter=''
programs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
dry_run=''
uninstall=''
while (($#)); do
    case $1 in
        --dry-run) dry_run=1 ;;
        --uninstall) uninstall=1 ;;
        --folder | --programs | --cli-filter)
            [[ ${2:-} =~ ^/[A-Za-z0-9/._+-]*$ ]] || { echo "install.sh: $1 needs an absolute path without blanks and quotes" >&2; exit 2; }
            case $1 in
                --folder) folder=$2 ;;
                --programs) programs=$2 ;;
                --cli-filter) cli_filter=$2 ;;
            esac
            shift
            ;;
        *)
            sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
            exit 2
            ;;
    esac
    shift
done

act() {
    if [[ $dry_run ]]; then echo "would: $*"; else "$@"; fi
}

is_ours() { head -n 1 "$1" | grep -q '^-- Amorsize:'; }

if [[ $cli_filter ]]; then
    [[ -e $cli_filter/slurm.conf ]] || { echo "install.sh: there is no slurm.conf in $cli_filter" >&2; exit 5; }
    if [[ -e $cli_filter/cli_filter.lua ]] && ! is_ours "$cli_filter/cli_filter.lua"; then
        echo "install.sh: $cli_filter/cli_filter.lua is your own: take the function compare from $programs/cli_filter.lua into it" >&2
        exit 5
    fi
fi

if [[ $uninstall ]]; then
    if [[ $cli_filter ]]; then
        if grep -qiE '^[[:space:]]*CliFilterPlugins[[:space:]]*=.*lua' "$cli_filter/slurm.conf"; then
            echo "install.sh: take cli_filter/lua out of CliFilterPlugins in $cli_filter/slurm.conf first:" \
                "without its file every sbatch and srun would fail" >&2
            exit 5
        fi
        act rm -f "$cli_filter/cli_filter.lua"
    fi
    echo "Take the Prolog, Epilog and TaskProlog lines out of slurm.conf and run scontrol reconfigure first:"
    echo "a node whose prolog is named but missing is drained. What the hooks wrote, the folders state and record of"
    echo "hooks.conf (/run/amorsize, /var/lib/amorsize), stays."
    act rm -f "$folder"/{prolog,epilog,task-prolog,request-advice,hook,hooks.conf}
    if [[ -d $folder ]]; then act rmdir --ignore-fail-on-non-empty "$folder"; fi
    exit 0
fi

for program in hook hook-guard; do
    [[ -x $programs/$program ]] || { echo "install.sh: $programs/$program is missing: build it, or give --programs DIR" >&2; exit 5; }
done
act install -d -m 755 "$folder"
act install -m 755 "$programs/hook" "$folder/hook"
for name in prolog epilog task-prolog request-advice; do act install -m 755 "$programs/hook-guard" "$folder/$name"; done
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
# What the cli_filter does about a request that differs from its advice: off, warn, or fill, which also adds what
# was not asked for.
requests = warn
END
    chmod 644 "$folder/hooks.conf"
fi
cat <<END
For slurm.conf, once every node has $folder, then: scontrol reconfigure

  Prolog=$folder/prolog
  Epilog=$folder/epilog
  TaskProlog=$folder/task-prolog
END
if [[ $cli_filter ]]; then
    if [[ $dry_run ]]; then
        echo "would: write $cli_filter/cli_filter.lua"
    else
        sed "s#^local advisor = .*#local advisor = \"$folder/request-advice\"#" "$programs/cli_filter.lua" >"$cli_filter/cli_filter.lua.new"
        chmod 644 "$cli_filter/cli_filter.lua.new"
        mv "$cli_filter/cli_filter.lua.new" "$cli_filter/cli_filter.lua"
    fi
    cat <<END

And once every machine that reads this slurm.conf has the file, for without it every sbatch and srun fails:

  CliFilterPlugins=cli_filter/lua
END
fi
