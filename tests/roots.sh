#!/usr/bin/env bash
# A clean Debian of this release: the README's commands build, demonstrate and package from source; the .deb works where nothing else was
# installed; a user without root builds with libraries unpacked by hand, and the tarball runs beside them.
#   roots.sh RELEASE FOLDER      RELEASE: bookworm, trixie; FOLDER: for the roots, which are kept for the next time
# Takes ten minutes and 3 GiB, so ./run test --with-roots alone asks for it. Exit status 77 (skipped) where no root can be made.
set -u
release=$1
mkdir -p "$2" || exit 1
roots=$(realpath "$2")
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$roots/$release

skip() {
    echo "skipped: $*"
    exit 77
}

die() {
    echo "FAILED: $*"
    exit 1
}

[ -n "${BICROSS_ROOTS:-}" ] || skip "./run test --with-roots"
[ "$(id -u)" -eq 0 ] || skip "only root can make a root"
command -v debootstrap >/dev/null || skip "debootstrap is not there"
trap 'release_root "$here-build"; release_root "$here-clean"; release_root "$here-user"' EXIT

# The system's folders, which PoCL looks into.
hold_root() {
    mount -t proc proc "$1/proc" && mount --rbind --make-rslave /sys "$1/sys" && mount -t tmpfs tmpfs "$1/dev/shm"
}

release_root() {
    local folder
    for folder in dev/shm sys proc; do
        mountpoint -q "$1/$folder" && umount -R "$1/$folder"
    done
    return 0
}

# in_root ROOT COMMAND: as root, without this machine's environment.
in_root() {
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive TERM=dumb "$(command -v chroot)" "$1" bash -ec "$2"
}

# as_user ROOT COMMAND: as somebody who may install nothing, and for whom there is no apt.
as_user() {
    env -i PATH=/home/user/bin:/usr/bin:/bin HOME=/home/user TERM=dumb "$(command -v chroot)" --userspec=1000:1000 "$1" bash -ec "cd; $2"
}

# Packages of a root, sorted.
installed() {
    chroot "$1" dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort
}

# check NAME COMMAND...: says what NAME printed where it fails.
check() {
    local name=$1
    shift
    "$@" >"$here.log" 2>&1 || { tail -n 60 "$here.log"; die "$release: $name"; }
    echo "$release: $name"
}

# new_root ROOT FROM: a copy of a root.
new_root() {
    release_root "$1"
    rm -rf --one-file-system "$1"
    cp -a "$2" "$1" || die "there is no room for a copy of $2"
}

# The demo with a few updates of each arm.
demo='rm -rf runs && ./run demo --config tests/faults/tiny.ini --out runs/demo --set neuromorphic.steps=2 --set supervised.steps=2 && [ -s runs/demo/report.html ]'

# --- the roots ---
if [ ! -e "$here/etc/debian_version" ]; then
    rm -rf --one-file-system "$here.new" "$here"
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1)
    debootstrap --variant=minbase "$release" "$here.new" ${mirror:+"$mirror"} >"$here.log" 2>&1 || {
        tail -n 3 "$here.log"
        skip "debootstrap cannot make $release here (network?)"
    }
    mv "$here.new" "$here"
fi
[ -e "$here-build/etc/debian_version" ] || new_root "$here-build" "$here"
hold_root "$here-build" 2>/dev/null || skip "this machine mounts nothing in a root"

# --- from source, as the README says ---
mkdir -p "$here-build/src" && find "$here-build/src" -mindepth 1 -maxdepth 1 -not -name 'build*' -exec rm -rf {} +
(cd "$source" && { git ls-files -co --exclude-standard 2>/dev/null || find . -type f -not -path './build*'; } |
    while read -r file; do [ -e "$file" ] && echo "$file"; done | tar cf - -T -) | tar xf - -C "$here-build/src" || die "copying the sources"
cat >"$here-build/root/use.sh" <<'END'
set -e
bicross=$1
cd "$(mktemp -d)"
$bicross --version
$bicross devices
$bicross train --config "$2" --stage neuromorphic --set neuromorphic.steps=2 --set neuromorphic.batch=1 --force
$bicross synth --size 32x32 --scenario syn2real --split target --count 1 --out world
$bicross predict --weights run/neuromorphic/weights.safetensors --spikes world/spikes/000000.npy --depth depth.pfm --color depth.png
[ -s depth.pfm ] && [ -s depth.png ]
END
check "./run demo builds and runs" in_root "$here-build" "cd /src && $demo"
[ -e "$here-build/src/build/tests/test_gemm" ] && die "$release: ./run demo builds tests"
check "the program from source trains and predicts" in_root "$here-build" 'bash /root/use.sh /src/build/bicross /src/tests/faults/tiny.ini'
check "./run package" in_root "$here-build" 'cd /src && rm -f build-package/*.deb build-package/*.tar.gz && ./run package'
deb=$(ls "$here-build"/src/build-package/*.deb) tarball=$(ls "$here-build"/src/build-package/*.tar.gz) || die "$release: no packages"

# --- the .deb where nothing else is ---
new_root "$here-clean" "$here"
hold_root "$here-clean" || die "mounting"
cp "$deb" "$here-build/root/use.sh" "$source/tests/faults/tiny.ini" "$here-clean/root/"
check "the .deb is installed" in_root "$here-clean" 'apt-get update -q && apt-get install -y -q --no-install-recommends /root/*.deb pocl-opencl-icd'
check "the program from the .deb trains and predicts" in_root "$here-clean" 'bash /root/use.sh bicross /root/tiny.ini'
check "the .deb is removed" in_root "$here-clean" 'apt-get remove -y -q bicross && ! command -v bicross'

# --- a user who may install nothing, on a machine with compilers but without apt: what is missing is unpacked by hand ---
new_root "$here-user" "$here"
hold_root "$here-user" || die "mounting"
check "compilers" in_root "$here-user" 'apt-get update -q && apt-get install -y -q --no-install-recommends cmake ninja-build gcc libc6-dev pkg-config'
missing=$(comm -23 <(installed "$here-build") <(installed "$here-user"))
check "the other packages" in_root "$here-user" "mkdir -p /home/user/deps /tmp/debs; chmod 777 /tmp/debs; cd /tmp/debs; apt-get download -q ${missing//$'\n'/ }
    for deb in *.deb; do dpkg -x \$deb /home/user/deps; done; rm -rf /tmp/debs"
cp -a "$here-build/src" "$here-user/home/user/src" && rm -rf "$here-user"/home/user/src/build* "$here-user"/home/user/src/runs
cp "$here-build/root/use.sh" "$tarball" "$here-user/home/user/"
check "apt goes" in_root "$here-user" 'rm -f /usr/bin/apt* /usr/bin/dpkg*; chown -R 1000:1000 /home/user'
by_hand='
    libraries=$(dirname $(find ~/deps/usr/lib -name libOpenCL.so.1))
    export CMAKE_PREFIX_PATH=~/deps/usr LD_LIBRARY_PATH=$libraries PATH=~/deps/usr/bin:$PATH OCL_ICD_VENDORS=~/deps/etc/OpenCL/vendors'
as_user "$here-user" 'cd src && ./run build' >"$here.log" 2>&1 && die "$release: it is built without libraries"
grep -q 'Fedora: dnf install .*Arch: pacman -S' <(tr '\n' ' ' <"$here.log") || { tail -n 40 "$here.log"; die "$release: what is missing is not named"; }
echo "$release: without them, what is missing is named"
check "a user builds with what was unpacked" as_user "$here-user" "$by_hand; cd src && $demo && bash ~/use.sh ~/src/build/bicross ~/src/tests/faults/tiny.ini"
check "the tarball runs beside it" as_user "$here-user" "$by_hand; tar xf ~/*.tar.gz && bash ~/use.sh ~/bicross-*/bin/bicross ~/src/tests/faults/tiny.ini"
for root in "$here-clean" "$here-user"; do
    release_root "$root"
    rm -rf --one-file-system "$root"
done
echo "$release: all seen"
