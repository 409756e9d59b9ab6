#!/usr/bin/env bash
# Runs a command as N ranks, each in a network of its own, as if on machines that a switch joins; as root:
#   vendor_notes/scaling/apart.sh RANKS RATE DELAY COMMAND...
# RATE and DELAY are of every rank's link, as tc has them (1gbit 100us; none: as fast as it goes, without delay; delays want the
# kernel's netem). Every rank has one thread, on core rank % cores.
set -euo pipefail
if [ $# -lt 4 ]; then
    sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
ranks=$1 rate=$2 delay=$3
shift 3
net=10.77.13 work=$(mktemp -d)

close() {
    for ((r = 0; r < ranks; r++)); do
        ip netns del "bc$r" 2>/dev/null || true
    done
    ip netns del bcswitch 2>/dev/null || true
    rm -rf "$work"
}
trap close EXIT
close
mkdir -p "$work"

ip netns add bcswitch
ip -n bcswitch link add bridge type bridge
ip -n bcswitch link set bridge up
hosts=
for ((r = 0; r < ranks; r++)); do
    ip netns add "bc$r"
    ip link add "port$r" netns bcswitch type veth peer name eth0 netns "bc$r"
    ip -n bcswitch link set "port$r" master bridge up
    ip -n "bc$r" addr add "$net.$((r + 1))/24" dev eth0
    ip -n "bc$r" link set lo up
    ip -n "bc$r" link set eth0 up
    [ "$rate" = none ] || tc -n "bc$r" qdisc add dev eth0 root handle 1: tbf rate "$rate" burst 256kb latency 50ms
    if [ "$delay" != none ]; then
        if [ "$rate" = none ]; then parent=(root); else parent=(parent 1:1); fi
        tc -n "bc$r" qdisc add dev eth0 "${parent[@]}" netem delay "$delay" limit 100000
    fi
    hosts+=${hosts:+,}$net.$((r + 1)):1
done

# What mpirun calls in place of ssh: HOST COMMAND...; the host's name differs, so that memory is not shared.
cat >"$work/agent" <<'END'
#!/usr/bin/env bash
rank=$((${1##*.} - 1))
shift
exec ip netns exec "bc$rank" unshare --uts bash -c "hostname rank$rank; exec $*"
END
cat >"$work/pinned" <<'END'
#!/usr/bin/env bash
exec taskset -c $((OMPI_COMM_WORLD_RANK % $(nproc --all))) "$@"
END
chmod +x "$work/agent" "$work/pinned"
ip netns exec bc0 unshare --uts bash -c 'hostname rank0; exec "$@"' - mpirun --allow-run-as-root --host "$hosts" \
    --mca plm_rsh_agent "$work/agent" --mca btl tcp,self --mca btl_tcp_if_include "$net.0/24" \
    --mca oob_tcp_if_include "$net.0/24" --bind-to none -x POCL_MAX_PTHREAD_COUNT=1 -x POCL_AFFINITY=0 \
    "$work/pinned" "$@"
