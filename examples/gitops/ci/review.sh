#!/bin/sh
# What a change of manifests/ means, told without access to production: the state that commit BASE declares is made in a
# store that is thrown away, and what is checked out here is compared with it. Needs git and routerctl, and no secret.
#
#     [FAIL_ON=EFFECT,...] ci/review.sh BASE [FILE]
#
# Writes Markdown to FILE (default review.md). Exit code: 0, or 4 where the impact on traffic holds one of FAIL_ON; with
# any other the manifests could not be compared.
set -eu

base=$1
review=${2:-review.md}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
store=$work/base.db
rm -f "$review"

mkdir "$work/base"
git archive --output="$work/base.tar" "$base"
tar -xf "$work/base.tar" -C "$work/base"
note=
code=0
if [ -d "$work/base/manifests" ]; then
    routerctl --db "$store" apply -f "$work/base/manifests" >"$work/log" 2>&1 || code=$?
fi
if [ "$code" -ne 0 ]; then
    cat "$work/log" >&2
    case $code in
    3 | 4) note="> The base commit can't be applied: this compares with nothing." ;; # and may be mended here
    *) exit "$code" ;;
    esac
fi

code=0
routerctl --db "$store" diff -f manifests --prune -o markdown ${FAIL_ON:+--fail-on "$FAIL_ON"} \
    >"$work/review" 2>"$work/said" || code=$?
cat "$work/said" >&2
{
    if [ -n "$note" ]; then printf '%s\n\n' "$note"; fi
    if [ -s "$work/review" ]; then cat "$work/review"; else echo "This can't be compared; the job's log says why."; fi
    if grep -q '^apply would refuse' "$work/said"; then
        printf '\n%s\n\n' "As it is, sync would not apply it:"
        grep '^apply would refuse' "$work/said" | sed 's/^/    /'
    fi
} >"$review"
if [ "$code" -eq 1 ]; then code=0; fi # there are differences: that is what a change is for
exit "$code"
