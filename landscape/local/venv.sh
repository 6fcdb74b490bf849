# Makes .venv and installs a locked list into it, unless that has been done; read by run, test and lock.

suitable_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "Python 3.11 or newer is needed and was not found (python3 is $(python3 --version 2>&1 || true))." >&2
    return 1
}

prepare_venv() {
    for list in "$@"; do
        [ -f "$list" ] || { echo "$list is missing: is this a whole copy of the project?" >&2; return 1; }
    done
    # An environment whose Python has moved or gone is of no use.
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        python=$(suitable_python)
        echo "Making .venv with $($python --version)"
        if ! "$python" -m venv --clear .venv; then
            echo "$python cannot make virtual environments: on Debian and Ubuntu install python3-venv." >&2
            return 1
        fi
    fi
    for list in "$@"; do
        # The stamp is written last, so an interrupted installation is taken up again.
        stamp=".venv/installed-$(sha256sum "$list" | cut -c1-16)"
        if [ ! -f "$stamp" ]; then
            echo "Installing $list (a minute or two the first time)"
            # Each list is complete; what one package declares and does not need (requirements-evaluate-model.in) is not.
            .venv/bin/python -m pip install --disable-pip-version-check --require-hashes --no-deps \
                --requirement "$list"
            touch "$stamp"
            echo "Installed"
        fi
    done
}
