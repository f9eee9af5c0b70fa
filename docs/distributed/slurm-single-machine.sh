#!/usr/bin/env bash
# Plays a sweep with a real Slurm on this machine, kills one of its tasks, and compares the merged
# result with that of one machine, byte for byte.
#
#   docs/distributed/slurm-single-machine.sh [PATH OF ecs-sim]
#
# For Debian and its relatives, as root: it installs munge and Slurm with apt-get where they are
# missing, starts them on the loopback address alone, with keys, configuration and spool in a
# temporary directory, and stops them at the end. Ends with status 0 when the results are the same.
#
# ECS_SIM_SKIP_SLURM=1 leaves it out, and says so.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)

say() {
    printf 'slurm: %s\n' "$*"
}

fail() {
    printf 'slurm: error: %s\n' "$*" >&2
    exit 1
}

if [ "${ECS_SIM_SKIP_SLURM:-}" = 1 ]; then
    say 'left out, because ECS_SIM_SKIP_SLURM is 1'
    exit 0
fi
skip_hint='ECS_SIM_SKIP_SLURM=1 leaves this check out'
[ "$(id -u)" = 0 ] || fail "only root can start Slurm's daemons; $skip_hint"

program=$(realpath "${1:-$root/target/release/ecs-sim}")
[ -x "$program" ] || fail "$program is no program: cargo build --release makes it"

# --- install ---------------------------------------------------------------------------------

install_slurm() {
    command -v apt-get > /dev/null || fail "there is neither Slurm nor apt-get here; $skip_hint"
    say 'installing munge and Slurm'
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # Daemons are started below, with a configuration of their own: none by the packages.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' > "$policy"
        chmod 755 "$policy"
        made=yes
    fi
    local status=0
    apt-get install -y -qq --no-install-recommends munge slurmctld slurmd slurm-client \
        > "$work/apt.log" 2>&1 || status=$?
    [ -z "$made" ] || rm -f "$policy"
    [ "$status" = 0 ] || { cat "$work/apt.log" >&2; fail "apt-get failed; $skip_hint"; }
}

# --- start and stop --------------------------------------------------------------------------

work=$(mktemp -d)
# The sockets of munge are for everybody, so everybody must be able to reach them.
chmod 755 "$work"
daemons=()

stop_all() {
    local status=$?
    set +e
    [ ${#daemons[@]} = 0 ] || scancel --user=root 2> /dev/null
    # The youngest first: slurmd, slurmctld, munged.
    for ((at = ${#daemons[@]} - 1; at >= 0; at--)); do
        kill "${daemons[at]}" 2> /dev/null
        wait "${daemons[at]}" 2> /dev/null
    done
    if [ "$status" != 0 ]; then
        tail -n 20 "$work"/*.log "$work"/job/*.log >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap stop_all EXIT
trap 'exit 130' INT TERM

# Waits up to 30 s for a command to succeed.
wait_for() {
    local what=$1
    shift
    for _ in $(seq 300); do
        if "$@" > /dev/null 2>&1; then
            return
        fi
        sleep 0.1
    done
    fail "waited 30 s in vain for $what"
}

# A port of the loopback address that nobody listens on.
free_port() {
    local port
    for port in $(shuf -i 20000-32000 -n 50); do
        if ! (exec 3<> "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
            echo "$port"
            return
        fi
    done
    fail 'no free port'
}

start_slurm() {
    local host controller node
    host=$(hostname -s)
    controller=$(free_port)
    node=$(free_port)
    mkdir "$work/munge" "$work/state" "$work/spool"
    (umask 077 && head -c 1024 /dev/urandom > "$work/munge.key")
    cat > "$work/slurm.conf" << CONF
ClusterName=single
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$controller
SlurmdPort=$node
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
# A task that is queued again waits until its credential is void.
AuthInfo=socket=$work/munge/socket,cred_expire=5
# Listen on the addresses above, not on all.
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdParameters=config_overrides
ReturnToService=2
MailProg=/bin/true
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
    export SLURM_CONF=$work/slurm.conf
    munged --foreground --key-file="$work/munge.key" --socket="$work/munge/socket" \
        --pid-file="$work/munge/pid" --log-file="$work/munge.log" \
        --seed-file="$work/munge/seed" > "$work/munged.log" 2>&1 &
    daemons+=($!)
    wait_for 'munge' test -S "$work/munge/socket"
    slurmctld -D -i > "$work/slurmctld.out.log" 2>&1 &
    daemons+=($!)
    wait_for 'the controller' scontrol ping
    slurmd -D > "$work/slurmd.out.log" 2>&1 &
    daemons+=($!)
    wait_for 'the node' sh -c 'sinfo --noheader --format=%T | grep -qx idle'
    say "$(sinfo --version) with two slots on 127.0.0.1, ports $controller and $node"
}

# --- the sweep -------------------------------------------------------------------------------

shards=4
scenario=sweep-fleet-size.yaml

# The rows that a shard has kept so far: the lines of its journal, but for the header.
rows() {
    local lines
    lines=$(wc -l 2> /dev/null < "parts/$1/sweep.journal") || lines=1
    echo $((lines - 1))
}

has_rows() {
    [ "$(rows "$1")" -ge "$2" ]
}

# Kills the program of a task, and nothing else of it.
kill_task() {
    local pid
    for pid in $(scontrol listpids "$1" 2> /dev/null | awk 'NR > 1 { print $1 }'); do
        if [ "$(readlink "/proc/$pid/exe")" = "$program" ]; then
            kill -9 "$pid"
            return
        fi
    done
    return 1
}

is_over() {
    [ -z "$(squeue --noheader --jobs="$1" 2> /dev/null)" ]
}

wait_for_job() {
    for _ in $(seq 1800); do
        if is_over "$1"; then
            return
        fi
        sleep 0.1
    done
    squeue >&2
    fail "job $1 is not over after 180 s"
}

play() {
    mkdir "$work/bin" "$work/job"
    ln -s "$program" "$work/bin/ecs-sim"
    PATH=$work/bin:$PATH
    cp "$root/scenarios/$scenario" "$work/job"
    cd "$work/job"

    local job victim=2 task before
    job=$(sbatch --parsable --array="1-$shards" "$here/slurm.sbatch" \
        "$scenario" --replications "$replications")
    say "job $job: $shards shards of $((24 * replications)) runs"
    wait_for "rows of shard $victim" has_rows "$victim" 20
    task=$(squeue --noheader --jobs="${job}_$victim" --format=%A)
    kill_task "$task" || fail "shard $victim was done before it could be killed"
    before=$(rows "$victim")
    say "shard $victim killed with $before rows; Slurm queues it again"
    wait_for_job "$job"

    cat "sweep-${job}_$victim.log"
    [ -e "parts/$victim/manifest.json" ] || fail "shard $victim did not come to its end"
    local restarts
    restarts=$(scontrol show job "${job}_$victim" | sed -n 's/.*Restarts=\([0-9]*\).*/\1/p')
    [ "$restarts" = 1 ] || fail "shard $victim was started again ${restarts:-0} times, not once"
    say "shard $victim went on and came to its end, started again $restarts time"

    ecs-sim merge parts/* --out merged --quiet > /dev/null
    ecs-sim sweep "$scenario" --replications "$replications" --out single --quiet > /dev/null
    diff -r single merged || fail 'the merged result differs from that of one machine'
    say "the same bytes as on one machine: $(cut -c 1-16 <(sha256sum < merged/sweep.csv))..."
}

# Enough for a few seconds a shard, on a quick machine too.
replications=${ECS_SIM_SLURM_REPLICATIONS:-200}
for command in munged slurmctld slurmd sbatch; do
    if ! command -v "$command" > /dev/null; then
        install_slurm
        break
    fi
done
start_slurm
play
