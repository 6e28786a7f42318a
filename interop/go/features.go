package main

import (
	"fmt"
	"slices"
	"strings"
)

// Features are additions to the protocol: bits of the handshake. A session uses those that both sides have.
const (
	shortDigests uint64 = 1 << iota
	compactBlocks
	peersFromPeers

	everyFeature = shortDigests | compactBlocks | peersFromPeers

	// Those that are there by default.
	allFeatures = everyFeature
)

var featureNames = []string{"short-digests", "compact-blocks", "peers"}

func parseFeatures(list string) (bits uint64, err error) {
	for name := range strings.SplitSeq(list, ",") {
		i := slices.Index(featureNames, name)
		switch {
		case name == "":
		case i < 0:
			err = fmt.Errorf("no feature is called %q", name)
		default:
			bits |= 1 << i
		}
	}
	return bits, err
}
