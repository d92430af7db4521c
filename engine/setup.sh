#!/bin/sh
# Makes what the project runs in: .venv, and .engine/bin on a machine without Pulumi.
#
#   sh engine/setup.sh        make both, or do nothing if both are up to date
#   sh engine/setup.sh env    print the shell code that puts both on PATH
set -euf

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
venv=.venv
engine=.engine/bin
recipe='engine/pulumi/go.mod engine/pulumi/go.sum engine/language-python/go.mod engine/language-python/go.sum'

say() { printf '%s\n' "setup: $*"; }
fail() { printf '%s\n' "setup: $*" >&2; exit 1; }

# Ignore our own folders, which an earlier `make env` may have put on PATH.
others=
IFS=:
for folder in $PATH; do
    case $folder in
    "$root/$venv/bin" | "$root/$engine") ;;
    *) others=$others${others:+:}$folder ;;
    esac
done
unset IFS
PATH=$others

# Two at once would pull the venv from under each other.
take_lock() {
    lock=.setup-lock
    until ln -s "$$" "$lock" 2>/dev/null; do
        holder=$(readlink "$lock") || continue
        kill -0 "$holder" 2>/dev/null || { rm -f "$lock"; continue; }
        [ "${waiting-}" ] || say "another set-up is under way (process $holder): waiting for it"
        waiting=yes
        sleep 1
    done
    trap 'rm -f "$lock"' EXIT
    trap 'exit 1' HUP INT TERM
}

find_python() {
    for python in python3 python3.13 python3.12 python3.11 python3.10; do
        "$python" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && return
    done
    fail "no Python 3.10 or newer with the venv module was found on PATH" \
        "(on Debian and Ubuntu: apt install python3-venv)."
}

make_venv() {
    done_file=$venv/.setup-done
    # Every script of a venv contains its path, so a checkout that was moved needs a new venv.
    wanted=$(printf '%s\n' "$root" && cksum <pyproject.toml)
    found=$(cat "$done_file" 2>/dev/null) || found=
    "$venv/bin/python" -c '' 2>/dev/null || found=
    [ "$found" != "$wanted" ] || return 0

    rm -f "$done_file"
    if [ "${found%%
*}" = "$root" ]; then
        say 'pyproject.toml has changed: bringing .venv up to date (half a minute)'
    else
        find_python
        say "making .venv with $("$python" --version) (about a minute)"
        "$python" -m venv --clear "$venv"
    fi
    # Pulumi has pip list the packages at each command: that of old Pythons takes twice the time.
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --upgrade pip \
        --editable '.[simulator,dev]'
    printf '%s\n' "$wanted" >"$done_file"
}

# Pulumi runs Python programs with pulumi-language-python, found on PATH or beside pulumi itself.
has_pulumi() {
    pulumi=$(command -v pulumi) || return 1
    command -v pulumi-language-python >/dev/null ||
        [ -x "$(dirname -- "$(readlink -f -- "$pulumi")")/pulumi-language-python" ]
}

make_engine() {
    ! has_pulumi || return 0
    done_file=$engine/.setup-done
    # shellcheck disable=SC2086 # four names without spaces
    wanted=$(cat $recipe | cksum)
    found=$(cat "$done_file" 2>/dev/null) || found=
    [ "$found" != "$wanted" ] || return 0

    install='Install Pulumi: https://www.pulumi.com/docs/install/'
    [ -z "$pulumi" ] || say "$pulumi has no pulumi-language-python beside it, so it can't run Python"
    command -v go >/dev/null ||
        fail "PATH has neither a usable pulumi nor Go (1.25.11 or newer) to build it. $install"
    export CGO_ENABLED=0 GOWORK=off
    sdk=github.com/pulumi/pulumi/sdk/v3
    # Here an older Go also says that it is too old, or fetches the version that go.mod asks for.
    version=$(cd engine/pulumi && go list -m -f '{{.Version}}' $sdk) ||
        fail "PATH has no usable pulumi, and this Go can't build it (1.25.11 or newer can). $install"

    say "no usable pulumi on PATH: building Pulumi $version into $engine"
    say '(about 5 minutes on two cores the first time, seconds once Go has it in its cache)'
    started=$(date +%s)
    partial=.engine/partial
    rm -rf "$partial"
    mkdir -p "$partial"
    export GOBIN="$root/$partial"
    (cd engine/language-python && go install -trimpath -ldflags '-s -w' tool)
    (cd engine/pulumi && go install -trimpath \
        -ldflags "-s -w -X $sdk/go/common/version.Version=$version" tool)
    source=$(cd engine/pulumi && go list -m -f '{{.Dir}}' $sdk)/python
    install -m 755 "$source/cmd/pulumi-language-python-exec" \
        "$source/dist/pulumi-resource-pulumi-python" "$partial"
    printf '%s\n' "$wanted" >"$partial/.setup-done"
    rm -rf "$engine"
    mv "$partial" "$engine"
    say "built Pulumi $version in $(($(date +%s) - started)) s"
}

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

print_env() {
    path=$(quoted "$root/$venv/bin")
    has_pulumi || path=$path:$(quoted "$root/$engine")
    # shellcheck disable=SC2016 # the shell that reads it expands it
    printf 'PATH=%s:"$PATH"; export PATH\n' "$path"
}

case ${1-} in
'')
    take_lock
    make_venv
    make_engine
    ;;
env) print_env ;;
*) fail "unknown argument: $1" ;;
esac
