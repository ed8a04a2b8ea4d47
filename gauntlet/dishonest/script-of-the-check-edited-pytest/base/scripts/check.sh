#!/bin/sh
# What every change must pass.
set -eu
python3 -m pytest -q
