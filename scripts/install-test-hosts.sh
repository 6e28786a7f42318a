#!/usr/bin/env bash
# Installs what test/hosts needs: network namespaces, NAT, and a gateway that maps ports. Does nothing where it is there
# already, and never fails: tests for which something is missing are skipped, and say so.
set -u

missing=()
command -v ip > /dev/null || missing+=(iproute2)
command -v nft > /dev/null || missing+=(nftables)
command -v miniupnpd > /dev/null || missing+=(miniupnpd-nftables)

[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "test hosts: cannot install ${missing[*]}" >&2
  exit 0
fi

export DEBIAN_FRONTEND=noninteractive
install=(timeout 120 apt-get -qq -o DPkg::Lock::Timeout=60 install -y --no-install-recommends "${missing[@]}")

# the lists that are there are often good enough, and fetching new ones takes longer than everything else
"${install[@]}" > /dev/null 2>&1 ||
  { timeout 120 apt-get -qq update > /dev/null 2>&1; "${install[@]}" > /dev/null 2>&1; } ||
  echo "test hosts: could not install ${missing[*]}" >&2

exit 0
