#!/usr/bin/env bash
# Runs facts_test.cpp on the cluster.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
AMORSIZE_TEST_WORK=$work within 120 "$bin/test_cluster_facts"
