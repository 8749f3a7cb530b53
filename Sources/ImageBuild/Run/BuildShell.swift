import Fleet

/// What is done to a build through a shell: on this machine by `sh -c`, on a builder by `ssh HOST sh -s`, which reads it from its input.
/// Every one of these takes its words as `$1`, `$2`, …; a folder may begin with `~/`.
public enum BuildShell {
    /// Below the home of a builder's user; on this machine the state folder is given.
    public static let remoteFolder = "~/.local/state/slipway/builds"

    /// A script for the input of a shell: its words first. In braces, so that it is read to its end before it begins: half of it is never
    /// run, and what reads the rest of the input takes nothing of it. bash reads a pipe line by line, dash in blocks. What start files have
    /// printed without an end of line is ended first.
    public static func text(_ script: String, _ words: [String]) -> String {
        "{\necho\nset -- " + words.map(ShellText.quoted).joined(separator: " ") + "\n" + script + "\n}\n"
    }

    private static let home = #"""
        set -uf
        umask 077
        folder=$1
        shift
        case $folder in "~/"*) folder=$HOME/${folder#"~/"} ;; esac

        """#

    /// Whether a process is the driver of the build: numbers are given again after a restart.
    private static let ours = #"""
        ours() {
            [ -n "$1" ] || return 1
            if [ -d /proc/self ]; then
                tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null | grep -q -F -e "$2"
            else
                ps -o args= -p "$1" 2>/dev/null | grep -q -F -e "$2"
            fi
        }

        """#

    /// FOLDER RECORD DRIVER and `BuildRequest.words`. Prints `started` or `refused TEXT`.
    public static let start =
        home + #"""
            record=$1 driver=$2 spack=$3
            shift 3
            refuse() { printf 'refused %s\n' "$1"; exit 0; }
            case $spack in "~/"*) spack=$HOME/${spack#"~/"} ;; esac
            command -v "$spack" >/dev/null 2>&1 || refuse "there is no program $spack"
            command -v setsid >/dev/null 2>&1 || refuse "there is no program setsid (package util-linux)"
            mkdir -p "$folder" 2>/dev/null || refuse "the folder $folder cannot be made"
            { printf '%s\n' "$record" >"$folder/build.json" && printf '%s\n' "$driver" >"$folder/driver.sh" &&
                : >>"$folder/log"; } 2>/dev/null || refuse "the folder $folder cannot be written"
            setsid sh "$folder/driver.sh" build "$folder" "$spack" "$@" </dev/null >/dev/null 2>&1 &
            tries=0
            while [ ! -s "$folder/pid" ] && [ ! -f "$folder/end" ] && [ "$tries" -lt 100 ]; do
                sleep 0.05 2>/dev/null || sleep 1
                tries=$((tries + 1))
            done
            [ -s "$folder/pid" ] || [ -f "$folder/end" ] || refuse "the build did not begin"
            echo started
            exit 0

            """#

    /// FOLDER. Prints `stopped` when nothing of the build runs any more, else `running`; `absent` where there is no such build.
    public static let stop =
        home + ours + #"""
            [ -f "$folder/build.json" ] || { echo absent; exit 0; }
            pid=$(cat "$folder/pid" 2>/dev/null)
            tries=0
            if ours "$pid" "$folder"; then
                kill -s TERM "$pid"
                while [ ! -f "$folder/end" ] && ours "$pid" "$folder" && [ "$tries" -lt 150 ]; do
                    sleep 0.1 2>/dev/null || sleep 1
                    tries=$((tries + 1))
                done
            fi
            if [ ! -f "$folder/end" ] && ! ours "$pid" "$folder"; then
                # The driver was killed, and what it had started may go on.
                set +f
                left=$({
                    grep -l -a -F "SLIPWAY_BUILD=$folder|" /proc/[0-9]*/environ
                    grep -l -a -F "$folder/driver.sh" /proc/[0-9]*/cmdline
                } 2>/dev/null | sed 's,[^0-9],,g')
                set -f
                for each in $left; do kill -s KILL "$each" 2>/dev/null; done
                now=$(date +%s)
                printf 'SLIPWAY_STOPPED %s\nSLIPWAY_OVER %s 143\n' "$now" "$now" >>"$folder/log"
                printf '143 %s\n' "$now" >"$folder/end"
                rm -f "$folder/pid"
            fi
            [ -f "$folder/end" ] && echo stopped || echo running
            exit 0

            """#

    /// FOLDER of all builds. Prints for each of the newest `build ID RUNS [STATUS SECOND]` and its record in one line, then `all`.
    public static let list =
        home + ours + #"""
            cd "$folder" 2>/dev/null || { echo all; exit 0; }
            for id in $(ls -1r | head -n 60); do
                [ -f "$id/build.json" ] || continue
                runs=0
                [ -f "$id/end" ] || { ours "$(cat "$id/pid" 2>/dev/null)" "$id" && runs=1; }
                printf 'build %s %s %s\n' "$id" "$runs" "$(cat "$id/end" 2>/dev/null)"
                head -n 1 "$id/build.json"
            done
            echo all
            exit 0

            """#

    /// FOLDER OFFSET. Prints `size BYTES ENDED`, then the log from there on as it grows, until the build has ended or its input closes:
    /// a `tail` whose reader has gone would wait for ever for something to write.
    public static let follow =
        home + #"""
            [ -f "$folder/log" ] || { echo 'size - 0'; exit 0; }
            ended=0
            [ ! -f "$folder/end" ] || ended=1
            size=$(($(wc -c <"$folder/log")))
            [ "$size" -ge "$1" ] || set -- 0
            printf 'size %s %s\n' "$size" "$ended"
            if [ "$ended" -eq 1 ]; then
                tail -c "+$(($1 + 1))" "$folder/log"
                exit 0
            fi
            exec 3<&0
            tail -c "+$(($1 + 1))" -F "$folder/log" 2>/dev/null </dev/null &
            tail=$!
            { cat <&3 >/dev/null; kill -s TERM "$tail"; } 2>/dev/null &
            cat=$!
            while kill -0 "$tail" 2>/dev/null && kill -0 "$cat" 2>/dev/null && [ ! -f "$folder/end" ]; do sleep 1; done
            # What was written before the end is given first.
            sleep 2
            kill -s TERM "$tail" "$cat" 2>/dev/null
            exit 0

            """#
}
