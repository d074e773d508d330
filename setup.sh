#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is missing, builds, demonstrates and tests Handfast. usage() lists the commands.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"

readonly BUILD=build
readonly EXIT_ENVIRONMENT=2 EXIT_USAGE=3
readonly SERVER=192.0.2.2 CLIENT=192.0.2.1 # TEST-NET-1; used inside the demo's namespace only

# Without make, gcc links on one core.
readonly BUILD_PACKAGES=(gcc libc6-dev make meson ninja-build pkg-config python3 libdpdk-dev libnuma-dev
    libjansson-dev)
readonly DEMO_PACKAGES=(iproute2 curl)
readonly CHECK_PACKAGES=(libcriterion-dev clang-format g++ man-db mandoc)
readonly TEST_PACKAGES=(iproute2 curl wrk apache2-utils tshark netcat-openbsd nginx-light nmap nftables)
readonly LONG_TEST_PACKAGES=(clang libclang-rt-dev spin)

. tests/elsewhere.sh

usage() {
    cat <<END
usage: [sudo] ./setup.sh COMMAND

  demo      install, build, serve a page in a network namespace of its own, fetch it with
            curl, draw the connection's segments, and measure connections per second:
            client and server, both Handfast, a core each (this half needs no root)
  test      install, build, run the unit tests, the simulation and the short end-to-end
            topics: about four minutes on two cores
  test all  the same, then everything that takes longer: the long end-to-end topics, the
            models, clang, gcc with sanitizers, clang with libFuzzer, gcc for arm64
  check     install, build, run the tests that need no network and no root: two minutes
  build     install, build into $BUILD/
  bench     install, build, run every benchmark
  help      this text

  test-debian13    check and demo in a root of Debian 13, made by debootstrap
  test-aarch64     build for arm64 and run the unit tests under qemu-user; a part of test all

Roots of other systems are kept in $ROOTS (HF_ROOTS names another folder).

demo, test and test-debian13 need root: they make network namespaces and TAP devices.
Without root, demo shows its second half, as $BUILD/app/handfast demo does at any time.
Packages are installed with Debian's apt-get, as root. Nothing needs hugepages. Each
command may be repeated at any time. Exit codes: 0 done, 1 a build or a test failed,
$EXIT_ENVIRONMENT something is missing here, $EXIT_USAGE wrong usage.
END
}

say() { printf '\n== %s\n' "$*"; }

# die CAUSE COMMAND: what is wrong, and the command that fixes it.
die() {
    printf 'setup.sh: %s\n  to fix it: %s\n' "$1" "$2" >&2
    exit "$EXIT_ENVIRONMENT"
}

need_root() {
    [ "$EUID" -eq 0 ] || die "$1 needs root, and this is user $(id -un)" "sudo ./setup.sh $1"
}

need_tun() {
    [ -c /dev/net/tun ] && return
    modprobe tun 2>/dev/null || true
    [ -c /dev/net/tun ] ||
        die "there is no /dev/net/tun, which TAP devices need (a container has it only if it is passed in)" \
            "modprobe tun   (in a container: start it with --device /dev/net/tun --cap-add NET_ADMIN)"
}

# missing PACKAGE...: those that are not installed.
missing() {
    local package
    for package; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
    done
}

# install_missing COMMAND PACKAGE...: COMMAND is repeated in the message if root is needed.
install_missing() {
    local command=$1 list
    shift
    command -v dpkg >/dev/null ||
        die "this system is not Debian: there is no dpkg" "install the equivalents of $*, then: meson setup $BUILD && ninja -C $BUILD   (docs/install.md)"
    mapfile -t list < <(missing "$@")
    [ ${#list[@]} -eq 0 ] && return
    [ "$EUID" -eq 0 ] || die "packages are missing, and only root can install them: ${list[*]}" "sudo ./setup.sh $command"
    say "Installing ${list[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends "${list[@]}" >/dev/null 2>&1 ||
        { apt-get update -q && apt-get install -y -q --no-install-recommends "${list[@]}"; } ||
        die "apt-get could not install ${list[*]}" "apt-get update && apt-get install ${list[*]}"
}

# configure DIR CC [meson options]: does nothing if DIR is configured already.
configure() {
    local dir=$1 cc=$2
    shift 2
    [ ! -f "$dir/build.ninja" ] || return 0
    rm -rf "$dir"
    CC=$cc meson setup "$dir" "$@" >"$dir.log" 2>&1 || { cat "$dir.log" >&2; rm -f "$dir.log"; return 1; }
    rm -f "$dir.log"
}

# with_tests DIR [meson options]: changes a configuration that was made for use. Tests are
# turned on (Criterion may have been missing then), and warnings become errors.
with_tests() {
    local dir=$1 option set=()
    shift
    grep -q '"name"' "$dir/meson-info/intro-tests.json" || set+=(-Dtests=enabled)
    for option; do
        [ "$option" != -Dwerror=true ] ||
            grep -q '"name": "werror", "value": true' "$dir/meson-info/intro-buildoptions.json" || set+=("$option")
    done
    [ ${#set[@]} -eq 0 ] || meson configure "$dir" "${set[@]}"
}

# Under sudo, files that are written into the tree get the owner of the tree.
keep_owner() { [ "$EUID" -ne 0 ] || chown -R --reference=. "$@"; }

# compile DIR [targets]
compile() {
    local dir=$1
    shift
    ninja -C "$dir" --quiet "$@" || return 1
    keep_owner "$dir"
}

# build_default [targets]
build_default() {
    say "Building into $BUILD/"
    { configure "$BUILD" gcc --buildtype=release && compile "$BUILD" "$@"; } ||
        { echo "setup.sh: the build failed" >&2; exit 1; }
}

# ------------------------------------------------------------------- demo

demo_namespace='' demo_dir='' demo_pid='' demo_prefix=''

demo_cleanup() {
    trap '' INT TERM
    if [ -n "$demo_pid" ] && kill -0 "$demo_pid" 2>/dev/null; then
        kill -TERM "$demo_pid"
        for _ in $(seq 50); do
            kill -0 "$demo_pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "$demo_pid" 2>/dev/null || true
        wait "$demo_pid" 2>/dev/null || true
    fi
    [ -z "$demo_namespace" ] || ip netns del "$demo_namespace" 2>/dev/null || true
    [ -z "$demo_prefix" ] || rm -rf "/var/run/dpdk/$demo_prefix"
    [ -z "$demo_dir" ] || rm -rf "$demo_dir"
}

demo_fail() {
    printf 'setup.sh: %s\n' "$1" >&2
    [ ! -f "$demo_dir/log" ] || { echo "  the program said:" >&2; tail -n 30 "$demo_dir/log" | sed 's/^/    /' >&2; }
    exit 1
}

inside() { ip netns exec "$demo_namespace" "$@"; }

# wait_until SECONDS COMMAND: polls COMMAND until it succeeds; fails if the program ends first.
wait_until() {
    local tries=$(($1 * 10))
    shift
    while ! "$@" >/dev/null 2>&1; do
        kill -0 "$demo_pid" 2>/dev/null || return 1
        [ $((tries--)) -gt 0 ] || return 1
        sleep 0.1
    done
}

demo_start() {
    demo_dir=$(mktemp -d)
    demo_prefix=hf-demo-$$
    demo_namespace=hf-demo-$$
    ip netns add "$demo_namespace" || die "the kernel refused a network namespace" "run it with CAP_SYS_ADMIN, which a plain container does not have"
    ip -n "$demo_namespace" link set lo up
    cat >"$demo_dir/commands" <<END
set port 0 ip $SERVER/24
set listen 0.0.0.0:80 http
set http body 2000
capture start $demo_dir/wire.pcapng
END
    # inside() is not used here: $! must be the program's pid, and ip netns exec becomes it.
    ip netns exec "$demo_namespace" "$BUILD/app/handfast" -l 0 --no-huge -m 512 --no-pci \
        --file-prefix="$demo_prefix" --vdev=net_tap0,iface=hf0 -- \
        --cmdline-file "$demo_dir/commands" --auto-start >"$demo_dir/log" 2>&1 &
    demo_pid=$!
    wait_until 30 inside ip link show dev hf0 || demo_fail "the program did not make its TAP device hf0"
    ip -n "$demo_namespace" addr add "$CLIENT/24" dev hf0
    ip -n "$demo_namespace" link set hf0 up
}

demo_fetch() {
    inside curl --silent --show-error --max-time 20 --retry 5 --retry-connrefused \
        --dump-header "$demo_dir/head" --output "$demo_dir/page" "http://$SERVER/" ||
        demo_fail "curl could not fetch the page"
    say "curl http://$SERVER/"
    tr -d '\r' <"$demo_dir/head" | sed '/^$/d; s/^/  /'
    echo "  ... and a page of $(stat -c %s "$demo_dir/page") bytes that begins with:"
    head -c 72 "$demo_dir/page" | head -n 1 | sed 's/^/  /'
    echo
}

# The capture file is complete once the program has ended in order.
demo_stop() {
    sleep 0.5 # until the last ACK has come
    kill -TERM "$demo_pid"
    wait "$demo_pid" || demo_fail "the program did not end in order"
    demo_pid=''
}

# without_root COMMAND...: the second half of the demo needs no root. It runs as the user that
# called sudo, or as nobody, unless that user cannot reach the program.
without_root() {
    local user=${SUDO_USER:-nobody}
    if [ "$EUID" -eq 0 ] && [ "$user" != root ] && runuser -u "$user" -- test -x "$1" 2>/dev/null; then
        echo "as user $user:"
        runuser -u "$user" -- "$@"
    else
        "$@"
    fi
}

demo_load() {
    say "Connections per second: client and server, both Handfast, on a core each, over rings in memory"
    echo "   no root, no NIC, no hugepages: $BUILD/app/handfast demo"
    without_root "$PWD/$BUILD/app/handfast" demo || { echo "setup.sh: the load failed" >&2; exit 1; }
}

# The first half, which needs root.
demo_wire() {
    trap demo_cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    say "Starting Handfast on a TAP device in a network namespace of its own"
    demo_start
    demo_fetch
    demo_stop
    say "That connection, segment by segment, from the program's own capture"
    python3 tools/ladder.py "$demo_dir/wire.pcapng" --port 80 --left curl --right handfast
}

run_demo_unprivileged() {
    # In a tree of another user, the program is run as it is.
    if [ -w . ] || [ ! -x "$BUILD/app/handfast" ]; then
        install_missing demo "${BUILD_PACKAGES[@]}"
        build_default app/handfast
    fi
    say "You are $(id -un). The page, curl and the wire need root: sudo ./setup.sh demo. The rest follows"
    demo_load
}

run_demo() {
    [ "$EUID" -eq 0 ] || { run_demo_unprivileged; return; }
    install_missing demo "${BUILD_PACKAGES[@]}" "${DEMO_PACKAGES[@]}"
    need_tun
    build_default app/handfast
    demo_wire
    demo_load
    say "What you have seen"
    cat <<END
  Handfast, a TCP stack on DPDK, answered the kernel's TCP through a TAP device: the three-way
  handshake, a request, a page and the close, with the states that RFC 9293 gives both sides
  at each segment. The ladder was drawn from a capture of the wire. Then the same stack
  opened short connections to itself over rings in memory, on a core for each side. The report
  says how many there were, how fast they were and what the limit was. The command "load"
  measures any server in the same way.
  The namespace, the device and the files are removed. Next: README.md, sudo ./setup.sh test.
END
}

# ------------------------------------------------------------------- test

# run_tests DIR LABEL [meson test arguments]: a failure does not stop the tests that follow.
# Each label has a log of its own, as one folder may be tested twice.
run_tests() {
    local dir=$1 label=$2 log=testlog-${2//[^a-z0-9]/-}
    shift 2
    say "Tests: $label"
    rm -f "$dir/meson-logs/$log.json"
    meson test -C "$dir" --no-rebuild --print-errorlogs --logbase "$log" "$@" || true
    keep_owner "$dir"
    logs+=("$label=$dir/meson-logs/$log.json")
}

# run_build_of DIR TARGET NAME CC [meson options]
run_build_of() {
    say "Building into $1/ ($3)"
    if configure "$1" "${@:4}" -Dtests=enabled && with_tests "$1" "${@:4}" && compile "$1" "$2"; then
        builds+=("$3=ok")
    else
        builds+=("$3=failed")
        return 1
    fi
}

run_build_for_tests() { run_build_of "$1" all "${@:2}"; }

summarise() { python3 tests/summarise.py --builds "${builds[@]}" --logs "${logs[@]+"${logs[@]}"}"; }

# build_release TARGET: meson-test-prereq is all that tests need, which saves the benchmarks.
build_release() {
    run_build_of "$BUILD" "$1" 'gcc -Wall -Wextra -Werror' gcc --buildtype=release -Dwerror=true
}

test_quick() { run_tests "$BUILD" 'unit tests and simulation' --suite unit --suite sim --suite fuzz --suite style; }

run_check() {
    local logs=() builds=()
    install_missing check "${BUILD_PACKAGES[@]}" "${CHECK_PACKAGES[@]}"
    ! build_release all || test_quick
    summarise
}

test_short() {
    ! build_release meson-test-prereq || {
        test_quick
        run_tests "$BUILD" 'end to end, short topics' --suite e2e --no-suite long
    }
}

run_test() {
    need_root test
    install_missing test "${BUILD_PACKAGES[@]}" "${CHECK_PACKAGES[@]}" "${TEST_PACKAGES[@]}"
    need_tun
    local logs=() builds=()
    test_short
    summarise
}

test_long() {
    export ASAN_OPTIONS=abort_on_error=1:detect_leaks=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    if run_build_of "$BUILD" all 'the benchmarks' gcc --buildtype=release -Dwerror=true; then
        run_tests "$BUILD" 'end to end, long topics, and models' --suite long --suite model
    fi
    run_build_for_tests build-clang 'clang -Wall -Wextra -Werror' clang --buildtype=release -Dwerror=true || true
    # No -Werror: gcc's instrumentation makes it warn of things that cannot happen.
    if run_build_for_tests build-asan 'gcc, address and undefined-behaviour sanitizers' gcc \
        --buildtype=debugoptimized -Db_sanitize=address,undefined -Dwerror=false; then
        run_tests build-asan 'unit tests under the sanitizers' --suite unit --suite sim --suite fuzz
    fi
    if run_build_of build-fuzz fuzz 'clang, libFuzzer' clang --buildtype=debugoptimized -Dfuzz=true \
        -Db_sanitize=address,undefined -Db_lundef=false; then
        run_tests build-fuzz 'fuzzing, a short run of each target' --suite fuzz
    fi
    [ "$(uname -m)" = aarch64 ] || test_aarch64
}

# The result of the short part is printed early, and is part of the sum at the end.
run_test_all() {
    need_root 'test all'
    install_missing 'test all' "${BUILD_PACKAGES[@]}" "${CHECK_PACKAGES[@]}" "${TEST_PACKAGES[@]}" \
        "${LONG_TEST_PACKAGES[@]}" "${CROSS_PACKAGES[@]}"
    need_tun
    local logs=() builds=()
    test_short
    summarise || true
    test_long
    summarise
}

run_bench() {
    install_missing bench "${BUILD_PACKAGES[@]}"
    build_default
    local result=0
    meson test -C "$BUILD" --benchmark --verbose || result=$?
    keep_owner "$BUILD"
    return "$result"
}

wrong_usage() {
    echo "setup.sh: $1" >&2
    usage >&2
    exit "$EXIT_USAGE"
}

case "$*" in
demo | test | 'test all' | check | bench | test-debian13 | test-aarch64)
    command="$*"
    "run_${command//[- ]/_}"
    ;;
build)
    install_missing build "${BUILD_PACKAGES[@]}"
    build_default
    ;;
help | -h | --help) usage ;;
'') wrong_usage "a command is missing" ;;
*) wrong_usage "there is no command '$*'" ;;
esac
