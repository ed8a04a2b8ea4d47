#!/bin/sh
# What every change must pass.
set -eu
go test -v ./...
