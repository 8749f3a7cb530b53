/// The shell script that builds the packages of one image, on this machine and on a builder alike. It needs nothing of Slipway to go on,
/// and leaves everything that is to be known of it in its folder:
///
/// | file | |
/// |---|---|
/// | `build.json` | what was asked for |
/// | `driver.sh` | this script |
/// | `log` | Spack's lines and the driver's markers, only ever added to |
/// | `pid` | the driver's process, which leads its session; gone when it has ended |
/// | `end` | exit status and second of its end |
///
/// The status is that of the `spack install` that failed, but for those that mean something of their own, `BuildEnd.unverified`, `.late`
/// and `.stopped`: where Spack ends with one of them, it is 1, and the marker `END` has Spack's.
///
/// Spack, the sampler and the clock each lead a session of their own, so that each can be ended with everything that it started.
/// Traps that were found: a background process of a shell must be waited for, or it stays in its group and the group seems to live;
/// a shell waits for a foreground program before it handles a signal, so that everything that takes long runs in the background;
/// `kill -TERM -- -PID` is not understood by every shell, `kill -s TERM -- -PID` is;
/// on a full disk no file can be made, so that the room for `end` is taken at the start.
public enum BuildDriver {
    /// Seconds between two samples of the disks.
    public static let period = 15

    static let script = #"""
        #!/bin/sh
        # Builds packages with Spack, one after the other. Written by Slipway.
        #   sh driver.sh build FOLDER SPACK SECONDS PERIOD TREE STAGE OPTIONS SPEC...
        set -uf
        part=$1 folder=$2
        shift 2

        epoch() { date +%s; }
        say() { word=$1; shift; printf 'SLIPWAY_%s %s%s\n' "$word" "$(epoch)" "${*:+ $*}"; }
        nap() { sleep 0.1 2>/dev/null || sleep 1; }

        # What runs for this build, wherever it has hidden: another session, another parent.
        marked() {
            set +f
            grep -l -a -F "SLIPWAY_BUILD=$folder|" /proc/[0-9]*/environ 2>/dev/null | sed 's,[^0-9],,g'
            set -f
        }

        # Whether something of a session runs; a zombie does not.
        lives() {
            ps -A -o pgid= -o stat= 2>/dev/null | awk -v group="$1" '
                $1 == group && $2 !~ /^Z/ { found = 1 }
                END { exit !found }'
        }

        # Ends a session that we started: politely, and after five seconds for good.
        quench() {
            kill -s TERM -- "-$1" 2>/dev/null
            setsid sh -c 'sleep 5; kill -s KILL -- "-$1"' sh "$1" 2>/dev/null &
            last=$!
            wait "$1" 2>/dev/null
            tries=0
            while lives "$1" && [ "$tries" -lt 50 ]; do
                nap
                tries=$((tries + 1))
            done
            cut "$1"
            cut "$last"
            for pid in $(marked); do kill -s KILL "$pid" 2>/dev/null; done
        }

        # At once.
        cut() {
            [ -n "$1" ] || return 0
            # What has only just been started leads no session yet, and would be waited for without end.
            kill -s KILL -- "-$1" 2>/dev/null || kill -s KILL "$1" 2>/dev/null
            wait "$1" 2>/dev/null
            kill -s KILL -- "-$1" 2>/dev/null
        }

        disk() {
            df -Pk "$1" 2>/dev/null | place=$1 awk -v at="$2" '
                NR > 1 {
                    for (i = NF; i > 3; i--) if ($i ~ /^[0-9]+%$/) break
                    if (i > 3) printf "SLIPWAY_DISK %s %d %d %s\n", at, $(i - 2), $(i - 2) + $(i - 1), ENVIRON["place"]
                }'
        }

        held() {
            [ -d "$1" ] || return 0
            du -sk "$1" 2>/dev/null | place=$2 awk -v at="$3" '{ printf "SLIPWAY_HELD %s %d %s\n", at, $1, ENVIRON["place"] }'
        }

        sample() {
            at=$(epoch)
            disk / "$at"
            [ -z "$tree" ] || disk "$tree" "$at"
            disk "$stage" "$at"
            # Counting takes long where there are many files: the stage every minute, the tree every ten.
            if [ $((turn % 4)) -eq 0 ]; then
                if [ -d "$stage/${USER:-$(id -un)}/spack-stage" ]; then
                    held "$stage/${USER:-$(id -un)}/spack-stage" "$stage" "$at"
                else
                    held "$stage/spack-stage" "$stage" "$at"
                fi
            fi
            [ -z "$tree" ] || [ $((turn % 40)) -ne 4 ] || held "$tree" "$tree" "$at"
            [ ! -r /proc/meminfo ] || awk -v at="$at" '
                /^MemTotal:/ { total = $2 }
                /^MemAvailable:/ { free = $2 }
                END { if (total > 0) printf "SLIPWAY_MEMORY %s %d %d\n", at, total - free, total }' /proc/meminfo
            [ ! -r /proc/loadavg ] || { read -r load rest </proc/loadavg && echo "SLIPWAY_LOAD $at $load"; }
        }

        case $part in
        sample)
            keeper=$1 period=$2 tree=$3 stage=$4 turn=0
            while kill -0 "$keeper" 2>/dev/null; do
                # In one piece, so that nothing gets in between.
                lines=$(sample)
                printf '%s\n' "$lines"
                turn=$((turn + 1))
                sleep "$period"
            done
            exit ;;
        clock)
            keeper=$1 latest=$2
            while kill -0 "$keeper" 2>/dev/null; do
                rest=$((latest - $(epoch)))
                if [ "$rest" -le 0 ]; then
                    kill -s USR1 "$keeper"
                    exit
                fi
                [ "$rest" -le 60 ] || rest=60
                sleep "$rest"
            done
            exit ;;
        esac

        spack=$1 seconds=$2 period=$3 tree=$4 stage=${5:-${TMPDIR:-/tmp}} options=$6
        shift 6
        exec </dev/null >>"$folder/log" 2>&1
        printf '%-60s\n' '' >"$folder/end.new"
        echo $$ >"$folder/pid"
        if [ -z "$tree" ]; then
            tree=$(command -v "$spack" 2>/dev/null)
            tree=${tree%/bin/spack}/opt/spack
            [ -d "$tree" ] || tree=
        fi
        export SPACK_COLOR=never PYTHONUNBUFFERED=1 TERM=dumb
        sampler='' clock='' busy=''

        # The end of everything: with this exit status.
        over() {
            trap '' TERM INT USR1
            cut "$sampler"
            cut "$clock"
            say OVER "$1"
            # Into the room that was taken at the start: the disk may be full.
            printf '%-60s\n' "$1 $(epoch)" 1<>"$folder/end.new"
            mv "$folder/end.new" "$folder/end"
            rm -f "$folder/pid"
            exit "$1"
        }

        # Ended before its time. Whoever asks twice does not want to wait.
        broken() {
            status=$1
            shift
            trap '' USR1
            trap '[ -z "$busy" ] || kill -s KILL -- "-$work"' TERM INT
            say "$@"
            work=$!
            [ -z "$busy" ] || quench "$work"
            over "$status"
        }

        # Runs Spack in the background, so that a signal is heard at once.
        work() {
            busy=1
            SLIPWAY_BUILD="$folder|" setsid "$spack" "$@" &
            wait "$!"
            result=$?
            busy=''
            return "$result"
        }

        trap '' HUP
        trap 'broken 143 STOPPED' TERM INT
        trap 'broken 124 LATE "$seconds"' USR1
        say BUILD "${folder##*/}" "$#"
        setsid sh "$0" sample "$folder" $$ "$period" "$tree" "$stage" &
        sampler=$!
        setsid sh "$0" clock "$folder" $$ "$(($(epoch) + seconds))" &
        clock=$!
        number=0
        for spec in "$@"; do
            number=$((number + 1))
            say BEGIN "$number/$#" "$spec"
            # The options are words without blanks.
            work install $options "$spec"
            status=$?
            say END "$number/$#" "$status" "$spec"
            # Spack ends with 3 when it is surprised, by a full disk for example. What it says is in END; these three say what we mean.
            case $status in
            0) ;;
            3|124|143) over 1 ;;
            *) over "$status" ;;
            esac
        done
        work find --format '{name}@{version}' "$spec" >"$folder/found" 2>/dev/null
        status=$?
        if [ "$status" -eq 0 ] && [ -s "$folder/found" ]; then
            say VERIFIED "$spec"
            over 0
        fi
        say MISSING "$spec"
        over 3

        """#
}
