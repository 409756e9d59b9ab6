#!/usr/bin/env bash
# Makes a virtual environment with the peers:  setup.sh [FOLDER]    (build/peers)
set -euo pipefail
here=$(realpath "$(dirname "${BASH_SOURCE[0]}")")
folder=${1:-$here/../../build/peers}
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --requirement "$here/requirements.txt"
echo "$(realpath "$folder")/bin/python $here/compare.py agreement"
