# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Builds and tests Handfast for other systems: Debian 13, arm64. setup.sh sources this file.
#
# Roots    the files of the other systems are kept in $HF_ROOTS, which may be removed at any time.
# Mirror   the mirror that apt uses here.
# Mounts   are made in a namespace. The kernel removes them with its last process.
ROOTS=$(realpath -m "${HF_ROOTS:-/var/cache/handfast}")
readonly ROOTS
readonly DEBIAN_KEYS=/usr/share/keyrings/debian-archive-keyring.gpg
CROSS_PACKAGES=(gcc-aarch64-linux-gnu qemu-user debian-archive-keyring)
[ "$(uname -m)" != aarch64 ] || CROSS_PACKAGES=()
readonly CROSS_PACKAGES
readonly ARM64_PACKAGES=(libc6-dev libdpdk-dev libnuma-dev libjansson-dev libcriterion-dev)

# debian_sources: prints SITE RELEASE COMPONENT of each Debian source that apt knows here.
debian_sources() {
    apt-get indextargets --format '$(ORIGIN) $(SITE) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' |
        awk '$1 == "Debian" && $4 == "main" { print $2, $3, $4 }' | sort -u
}

need_mirror() {
    [ -n "$(debian_sources)" ] || apt-get update -q >/dev/null || true
    [ -n "$(debian_sources)" ] ||
        die "apt knows no mirror of Debian here" "apt-get update   (check /etc/apt/sources.list.d/ first)"
}

this_release() { (. /etc/os-release && echo "$VERSION_CODENAME"); }

need_roots() {
    case $ROOTS/ in "$PWD"/*) die "HF_ROOTS is inside the tree, and the tree is copied into a root" "HF_ROOTS=\$HOME/.cache/handfast ./setup.sh $1" ;; esac
    mkdir -p "$ROOTS" 2>/dev/null && [ -w "$ROOTS" ] ||
        die "user $(id -un) cannot write to $ROOTS" "HF_ROOTS=\$HOME/.cache/handfast ./setup.sh $1"
}

# --------------------------------------------------------------- Debian 13

# copy_tree DIR: the tree as git would commit it. Modification times are kept, so that only
# changed files are built again.
copy_tree() {
    local to=$1
    mkdir -p "$to"
    find "$to" -mindepth 1 -maxdepth 1 ! -name 'build*' -exec rm -rf {} +
    { git -c safe.directory="$PWD" ls-files -z --cached --others --exclude-standard 2>/dev/null ||
        find . -type f ! -path './build*' ! -path './.git/*' -print0; } |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
        tar --create --null --no-recursion --files-from=- | tar --extract --no-same-owner --directory="$to"
}

make_debian13() {
    local root=$1 site
    [ ! -d "$root" ] || return 0
    need_mirror
    site=$(debian_sources | awk -v release="$(this_release)" '$2 == release { print $1; exit }')
    install_missing test-debian13 debootstrap debian-archive-keyring
    [ -e /usr/share/debootstrap/scripts/trixie ] ||
        die "this debootstrap does not know Debian 13 (trixie)" "apt-get install --only-upgrade debootstrap"
    say "Making a root of Debian 13 in $root"
    rm -rf --one-file-system "$root.part"
    debootstrap --variant=minbase --keyring="$DEBIAN_KEYS" trixie "$root.part" "$site" >"$root.log" 2>&1 ||
        { tail -n 20 "$root.log" >&2; die "debootstrap could not make $root from $site" "./setup.sh test-debian13   (its whole output: $root.log)"; }
    mv "$root.part" "$root"
}

# within ROOT COMMAND...: runs COMMAND with ROOT as /, with the devices of this kernel.
within() {
    local root=$1
    shift
    cp /etc/resolv.conf "$root/etc/resolv.conf"
    unshare --mount --pid --fork --kill-child bash -euc '
        root=$1; shift
        mount --make-rprivate /
        mount --bind "$root" "$root" # ip netns needs / to be a mount
        mount -t proc proc "$root/proc"
        mount --rbind /sys "$root/sys"
        mount --rbind /dev "$root/dev"
        mount -t tmpfs tmpfs "$root/run"
        mount -t tmpfs tmpfs "$root/tmp"
        exec chroot "$root" "$@"' within "$root" \
        /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        ${http_proxy:+http_proxy="$http_proxy"} "$@"
}

run_test_debian13() {
    local root=$ROOTS/debian13
    need_root test-debian13
    need_tun
    need_roots test-debian13
    make_debian13 "$root"
    copy_tree "$root/src"
    within "$root" /src/setup.sh check
    within "$root" /src/setup.sh demo
    say "Debian 13: built without a warning, tested, shown. Its root is kept in $root"
}

# ------------------------------------------------------------------- arm64

# apt_arm64 DIR ARGUMENTS: apt with a state of its own, for a system with no packages yet.
apt_arm64() {
    local dir=$1
    shift
    apt-get -q -o Dir::Etc="$dir/etc" -o Dir::Etc::sourcelist="$dir/etc/sources.list" -o Dir::Etc::sourceparts=- \
        -o Dir::State="$dir/state" -o Dir::State::status="$dir/status" -o Dir::Cache="$dir/cache" \
        -o APT::Architecture=arm64 -o APT::Architectures::=arm64 -o APT::Install-Recommends=false \
        -o APT::Sandbox::User=root "$@"
}

fetch_arm64() {
    local dir=$1
    mkdir -p "$dir"/etc/{apt.conf.d,preferences.d,trusted.gpg.d} "$dir/state/lists/partial" "$dir/cache/archives/partial"
    : >"$dir/status"
    debian_sources | sed "s|^|deb [signed-by=$DEBIAN_KEYS] |" >"$dir/etc/sources.list"
    apt_arm64 "$dir" update && apt_arm64 "$dir" install -y --download-only "${ARM64_PACKAGES[@]}"
}

# relative_links DIR: a link that begins with / would lead to a file of this system.
relative_links() {
    local link
    find "$1" -lname '/*' -print0 | while IFS= read -r -d '' link; do
        ln -sfnr "$1$(readlink "$link")" "$link"
    done
}

# make_arm64 ROOT: headers and libraries, unpacked only. To install them would remove some of
# this system's own.
make_arm64() {
    local root=$1 package
    [ ! -d "$root" ] || [ "$(cat "$root.packages" 2>/dev/null)" != "${ARM64_PACKAGES[*]}" ] || return 0
    need_mirror
    say "Unpacking Debian's arm64 packages into $root"
    rm -rf --one-file-system "$root" "$root.part" "$root.apt"
    fetch_arm64 "$root.apt" >"$root.log" 2>&1 ||
        { tail -n 20 "$root.log" >&2; die "apt could not fetch the arm64 packages ${ARM64_PACKAGES[*]}" "./setup.sh test-aarch64   (its whole output: $root.log)"; }
    mkdir -p "$root.part"
    for package in "$root.apt"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$root.part"
    done
    [ -e "$root.part/lib" ] || ln -s usr/lib "$root.part/lib"
    relative_links "$root.part"
    rm -rf "$root.apt"
    mv "$root.part" "$root"
    echo "${ARM64_PACKAGES[*]}" >"$root.packages"
}

# Under emulation a test takes about ten times as long.
test_aarch64() {
    local root
    need_roots test-aarch64
    root=$ROOTS/aarch64-$(this_release)
    make_arm64 "$root"
    printf "[constants]\nroot = '%s'\n" "$root" >"$ROOTS/aarch64.ini"
    if run_build_for_tests build-aarch64 'gcc for arm64, -Wall -Wextra -Werror' gcc --buildtype=release \
        -Dwerror=true --cross-file "$ROOTS/aarch64.ini" --cross-file cross/aarch64.ini; then
        run_tests build-aarch64 'unit tests for arm64 under qemu-user' --timeout-multiplier 10 \
            --suite unit --suite sim --suite fuzz
    fi
}

run_test_aarch64() {
    local logs=() builds=()
    [ "$(uname -m)" != aarch64 ] || { run_check; return; }
    install_missing test-aarch64 "${BUILD_PACKAGES[@]}" libcriterion-dev "${CROSS_PACKAGES[@]}"
    test_aarch64
    summarise
}
