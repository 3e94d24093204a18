# Sourced by scripts that take long: tells on stderr what is being done, which step of how many, and since when.
#
#   source tools/steps.sh
#   steps 2
#   step "building the addon"
#   compiling cargo build "${cargo_words[@]}" …
#
# The steps of a script that such a script calls are counted inside its own: [2/5 · 1/3].

ISOFOLD_BEGAN=${ISOFOLD_BEGAN:-$(date +%s)}
export ISOFOLD_BEGAN
steps_around=${ISOFOLD_STEPS:-}
steps_done=0
if [[ -t 2 ]]; then cargo_words=(); else cargo_words=(--quiet); fi

# How many steps there are.
steps() { steps_all=$1; }

# Begins the next step.
step() {
    steps_done=$((steps_done + 1))
    step_name=$1
    export ISOFOLD_STEPS="$steps_around$steps_done/$steps_all · "
    echo "[$steps_around$steps_done/$steps_all] $1 ($(elapsed))" >&2
}

# Minutes and seconds since the first step of all.
elapsed() {
    local passed=$(($(date +%s) - ISOFOLD_BEGAN))
    echo "$((passed / 60)):$(printf %02d $((passed % 60)))"
}

# Runs cargo, which shows its own progress on a terminal.
compiling() { if [[ -t 2 ]]; then "$@"; else waited "$@"; fi; }

# Runs a command that may take minutes and is silent: tells every 30 seconds that it goes on.
waited() {
    # nothing of it may outlive this script, nor hold its output open
    (while sleep 30 </dev/null >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
        echo "[$steps_around$steps_done/$steps_all] … still $step_name ($(elapsed))" >&2
    done) </dev/null >/dev/null &
    local ticker=$! code=0
    "$@" || code=$?
    kill "$ticker" 2>/dev/null || true
    return "$code"
}
