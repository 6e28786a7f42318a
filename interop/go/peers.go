package main

import (
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/peerstore"
	"github.com/libp2p/go-libp2p/core/record"
)

// peers are the nodes that this one tells of: itself. It has reached others, and keeps no records of them.
func (n *Node) peers(count int) []Peer {
	if count < 1 {
		return nil
	}
	book, ok := peerstore.GetCertifiedAddrBook(n.host.Peerstore())
	if !ok {
		return nil
	}
	envelope := book.GetPeerRecord(n.host.ID())
	if envelope == nil {
		return nil
	}
	bytes, err := envelope.Marshal()
	if err != nil || len(bytes) > maxRecord {
		return nil
	}
	return []Peer{{Record: bytes}}
}

// open reads a record and verifies its signature. It returns whose it is, and where that node can be dialled.
func (p Peer) open() (id string, addrs []string, err error) {
	envelope, rec, err := record.ConsumeEnvelope(p.Record, peer.PeerRecordEnvelopeDomain)
	if err != nil {
		return "", nil, err
	}
	info, isPeer := rec.(*peer.PeerRecord)
	if !isPeer || !info.PeerID.MatchesPublicKey(envelope.PublicKey) {
		return "", nil, errForeign
	}
	for _, addr := range info.Addrs {
		addrs = append(addrs, addr.String())
	}
	return info.PeerID.String(), addrs, nil
}
