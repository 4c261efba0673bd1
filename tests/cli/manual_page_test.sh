#!/usr/bin/env bash
# manual_page_test.sh FORMATTER PAGE: groff or mandoc has nothing to say against PAGE. Ends with 77 where the formatter is not
# installed.
set -euo pipefail
formatter=$1 page=$2

if ! command -v "$formatter" >/dev/null; then
  echo "Skipped: $formatter is not installed."
  exit 77
fi
case $formatter in
  groff) complaints=$(groff -man -Tutf8 -ww -z "$page" 2>&1) ;;
  # The page has no date, so that it is the same whenever it is built.
  mandoc) complaints=$(mandoc -T lint -W warning "$page" 2>&1 | grep -v 'missing date' || true) ;;
esac
if [[ -n $complaints ]]; then
  echo "$complaints"
  exit 1
fi
