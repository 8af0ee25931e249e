# shellcheck shell=bash
# Set-up shared by labs/start and tests/run: packages, configuring, building. Sourced, never run.
#   used by: labs/start, tests/run          needs: bash and coreutils; everything else it installs
#   ideas:   a package is asked for only when it is missing, so a second start costs milliseconds;
#            both scripts share build/, and neither undoes what the other configured there.

# One list a purpose; a new dependency of core/ belongs in the first.
build_packages=(
  g++ cmake ninja-build ccache
  libfmt-dev libexpected-dev libcli11-dev libmimalloc-dev nlohmann-json3-dev
  libprotobuf-dev protobuf-compiler libgrpc++-dev protobuf-compiler-grpc libnghttp2-dev libssl-dev libedit-dev
)
gui_packages=(qt6-base-dev libqt6svg6 fonts-dejavu-core)
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev
  clang-format-19 clang-tidy-19 clang-19 valgrind git
  xvfb xdotool python3-etcd3
)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
jobs=$(nproc 2>/dev/null || echo 2)

say() { printf '%s\n' "orrery: $*" >&2; }

die() {
  say "$*"
  exit 2
}

has_gui() { [ -f "$root/gui/CMakeLists.txt" ]; }

# Prints those of the named Debian packages that are not installed.
missing_packages() {
  local known
  known=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  local name
  for name in "$@"; do
    [[ $'\n'"$known"$'\n' == *$'\n'"installed $name"$'\n'* ]] || echo "$name"
  done
}

# Runs apt-get with root's rights: `privileged` is empty for root, sudo for others.
apt_get() {
  "${privileged[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C \
    apt-get -y -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# Copies apt's report to a file and shows a count of what it has done so far.
show_progress() {
  local log=$1 done=0 line shown=''
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$log"
    case $line in
      Get:*) shown="fetched: ${line#Get:* * * * }" ;;
      'Setting up '*) done=$((done + 1)) shown="set up $done: ${line#Setting up }" ;;
      *) continue ;;
    esac
    if [ -t 2 ]; then
      printf '\r\033[K  %.76s' "$shown" >&2
    elif [ "${line%% *}" = Setting ] && [ $((done % 20)) -eq 0 ]; then
      printf '  %d packages set up\n' "$done" >&2
    fi
  done
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
}

need_rights() {
  privileged=()
  if [ "$(id -u)" -eq 0 ]; then return; fi
  local by_hand="  apt-get install --no-install-recommends $*"
  command -v sudo >/dev/null ||
    die $'packages are missing, and this user is not root and has no sudo. Ask an administrator for:\n'"$by_hand"
  privileged=(sudo)
  if sudo -n true 2>/dev/null; then return; fi
  [ -t 0 ] || die $'packages are missing, and sudo wants a password but there is no terminal to ask on. Run:\n'"  sudo ${by_hand#  }"
  say "sudo may ask for your password, to install packages"
  sudo -v || die $'sudo refused. Ask an administrator for:\n'"$by_hand"
}

# Installs exactly the missing ones of the named packages.
ensure_packages() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    die $'this is not Debian or a relative of it (no dpkg-query, no apt-get). Install by hand what these
Debian packages hold, then build with: cmake --preset release && cmake --build build\n'"  $*"
  fi
  local missing
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  need_rights "${missing[@]}"
  mkdir -p "$root/build"
  local log="$root/build/setup.log"
  : >"$log"
  say "installing ${#missing[@]} packages and what they need: ${missing[*]}"
  apt_get update 2>&1 | show_progress "$log" || say "apt-get update complained; trying all the same"
  if ! apt_get install --no-install-recommends "${missing[@]}" 2>&1 | show_progress "$log"; then
    tail -n 20 "$log" >&2
    die "apt-get could not install them; its whole report is in $log"
  fi
  say "installed"
}

# cc1plus names files relative to the checkout, so that clones in other places share ccache's store.
use_ccache() {
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1 CCACHE_ABSSTDERR=1
  if [ ! -w "${HOME:-/nonexistent}" ]; then export CCACHE_DIR=$root/build/ccache; fi
}

# configure PRESET DIR [-DNAME=VALUE...]: anew when the folder was configured for another place,
# and not at all when the values are already those.
configure() {
  local preset=$1 dir=$2
  shift 2
  local cache=$dir/CMakeCache.txt
  if [ -f "$cache" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache"; then
    say "the checkout has moved: configuring $dir anew"
    rm -rf "$cache" "$dir/CMakeFiles"
  fi
  if [ -f "$dir/build.ninja" ] && [ -f "$cache" ]; then
    local setting same=yes
    for setting in "${@#-D}"; do
      grep -qE "^${setting%%=*}:[A-Z]+=${setting#*=}\$" "$cache" || same=no
    done
    if [ $same = yes ]; then return 0; fi
  fi
  (cd "$root" && cmake --preset "$preset" "$@")
}

# build DIR [TARGET...], with a line "[done/all]" that moves.
build() {
  local dir=$1
  shift
  NINJA_STATUS='[%f/%t] ' cmake --build "$dir" --parallel "$jobs" ${1:+--target "$@"}
}
