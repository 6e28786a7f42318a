package main

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

const (
	protocolID  = protocol.ID("/vibecoin/1.0.0")
	dialTimeout = 10 * time.Second

	// A dial that was begun before a session was ready cannot take longer.
	settled = dialTimeout + handshakeTimeout
)

// Node is the sessions of this peer: one for each other peer.
type Node struct {
	host       host.Host
	chain      *Chain
	relay      *Relay
	info       NodeInfo
	maxPeers   int
	serveLimit int
	follows    bool
	isServer   bool // of a relay or a DHT, which need connections too

	mu       sync.Mutex
	sessions map[peer.ID]*Session // those that are ready and stay
	all      map[*Session]bool    // those, and those before and after that
	banned   map[peer.ID]bool
	fetching bool // blocks, from those that have more
}

func newNode(h host.Host, chain *Chain, info NodeInfo, o *options) *Node {
	n := &Node{
		host: h, chain: chain, info: info, maxPeers: o.maxPeers, serveLimit: o.serveLimit, follows: o.follow,
		isServer: o.relayServer || o.dht,
		sessions: map[peer.ID]*Session{}, all: map[*Session]bool{}, banned: map[peer.ID]bool{},
	}
	for _, id := range o.banned {
		n.banned[id] = true
	}
	n.relay = newRelay(n)
	h.SetStreamHandler(protocolID, func(stream network.Stream) { n.start(stream, false) })
	h.Network().Notify(&network.NotifyBundle{
		ConnectedF: func(_ network.Network, c network.Conn) { go n.connected(c) },
		DisconnectedF: func(_ network.Network, c network.Conn) {
			emit("disconnected", object{"peer": c.RemotePeer().String(), "cause": nil})
		},
	})
	return n
}

// reach opens a session, or says why not.
func (n *Node) reach(addr string) error {
	info, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return err
	}
	if err := n.dial(*info); err != nil {
		emit("unreachable", object{"peer": info.ID.String(), "cause": err.Error()})
	}
	return nil
}

// dial opens a session. Whether it gets ready is seen later.
func (n *Node) dial(info peer.AddrInfo) error {
	ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
	defer cancel()
	// Without this, go-libp2p opens no streams on a connection through a relay.
	ctx = network.WithAllowLimitedConn(ctx, "vibecoin")
	// And it would dial whatever else it has heard of this peer.
	n.host.Peerstore().ClearAddrs(info.ID)
	if err := n.host.Connect(ctx, info); err != nil {
		return err
	}
	// Of two sessions that this side opens it would keep the old one, and the peer the new one.
	if n.isOpening(info.ID) {
		return nil
	}
	return n.open(ctx, info.ID)
}

func (n *Node) open(ctx context.Context, id peer.ID) error {
	stream, err := n.host.NewStream(ctx, id, protocolID)
	if err == nil {
		n.start(stream, true)
	}
	return err
}

func (n *Node) isOpening(id peer.ID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for s := range n.all {
		if s.peer == id && s.outbound && !s.isEnding() {
			return true
		}
	}
	return false
}

// connected opens a direct session where this side has opened a relayed one.
func (n *Node) connected(c network.Conn) {
	s := n.session(c.RemotePeer())
	if s != nil && s.relayed && s.outbound && !c.Stat().Limited {
		ctx, cancel := context.WithTimeout(context.Background(), dialTimeout)
		defer cancel()
		n.open(ctx, s.peer)
	}
}

func (n *Node) start(stream network.Stream, outbound bool) {
	s := newSession(n, stream, outbound)
	n.mu.Lock()
	n.all[s] = true
	reason, why := n.hasPlaceFor(s)
	n.mu.Unlock()
	if reason != unspecified {
		s.disconnect(reason, why)
	} else {
		info := n.info
		tip := n.chain.tip()
		info.BestHeight, info.BestHash = tip.Height, tip.Hash
		s.send(&Message{Kind: kindHandshake, Node: info})
	}
	go s.run()
}

// refuses compares a handshake with what this node is. UNSPECIFIED: it does not. Forks are not compared:
// this node plans none.
func (n *Node) refuses(theirs *NodeInfo) (Reason, string) {
	lowest := theirs.MinVersion
	if lowest == 0 {
		lowest = theirs.Version
	}
	switch {
	case n.info.Version < lowest || n.info.Version > theirs.Version:
		return incompatibleVersion, fmt.Sprintf("version %d, not %d", theirs.Version, n.info.Version)
	case theirs.Network != n.info.Network:
		return wrongNetwork, "another network"
	case !bytes.Equal(theirs.GenesisHash, n.info.GenesisHash):
		return wrongNetwork, "another genesis block"
	}
	return unspecified, ""
}

// hasPlaceFor looks at the peer alone.
func (n *Node) hasPlaceFor(s *Session) (Reason, string) {
	switch {
	case n.banned[s.peer]:
		return banned, ""
	case n.sessions[s.peer] == nil && len(n.sessions) >= n.maxPeers:
		return tooManyConnections, "no room"
	}
	return unspecified, ""
}

// admit makes a session whose handshake was accepted the one with its peer, or gives it up.
func (n *Node) admit(s *Session) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if reason, why := n.hasPlaceFor(s); reason != unspecified {
		s.disconnect(reason, why)
		return false
	}
	s.readyAt = time.Now()
	old := n.sessions[s.peer]
	switch {
	case old == nil:
	case n.prefers(s, old):
		old.isRetired = true
		emit("retired", object{"peer": old.peer.String(), "direction": old.direction()})
		old.retire()
	case time.Since(old.readyAt) > settled:
		s.disconnect(duplicateConnection, "")
		return false
	default:
		s.retire()
		return false
	}
	n.sessions[s.peer], s.isPeer = s, true
	return true
}

// prefers says which of two sessions with one peer stays: both sides come to the same result.
func (n *Node) prefers(new, old *Session) bool {
	isSettled := time.Since(old.readyAt) > settled
	switch {
	case new.relayed != old.relayed:
		return old.relayed || !new.outbound && isSettled
	case !new.outbound && (!old.outbound || isSettled):
		return true
	case new.outbound && old.outbound:
		return new.relayed // it is the next circuit, for one that is used up
	}
	// Go compares strings byte by byte, and the shorter of two is smaller.
	return new.outbound == (n.host.ID() < new.peer)
}

func (n *Node) session(id peer.ID) *Session {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.sessions[id]
}

// others are all ready sessions but that with one peer.
func (n *Node) others(except *Session) []*Session {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []*Session
	for _, s := range n.sessions {
		if except == nil || s.peer != except.peer {
			out = append(out, s)
		}
	}
	return out
}

func (n *Node) ban(id peer.ID) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.banned[id] = true
}

// remove forgets a session that is over, and says how it ended.
func (n *Node) remove(s *Session) {
	n.mu.Lock()
	if n.sessions[s.peer] == s {
		delete(n.sessions, s.peer)
	}
	delete(n.all, s)
	isLast := true
	for other := range n.all {
		isLast = isLast && other.peer != s.peer
	}
	n.mu.Unlock()
	event := object{"peer": s.peer.String(), "direction": s.direction(), "by": s.end.by, "reason": nil, "detail": s.end.detail}
	if s.end.reason != nil {
		event["reason"] = s.end.reason.String()
	}
	switch {
	case s.relayed: // it may be used up: the next session has a circuit of its own
		s.stream.Conn().Close()
	case isLast && !n.isServer: // go-libp2p leaves connections open that nobody uses
		n.host.Network().ClosePeer(s.peer)
	}
	switch {
	case s.isRetired: // that was said
	case s.isPeer:
		emit("closed", event)
	default:
		emit("refused", event)
	}
}

// stop says goodbye to all.
func (n *Node) stop() {
	n.host.RemoveStreamHandler(protocolID)
	n.mu.Lock()
	for s := range n.all {
		go s.disconnect(shutdown, "")
	}
	n.mu.Unlock()
	for until := time.Now().Add(2 * closeTimeout); time.Now().Before(until); time.Sleep(10 * time.Millisecond) {
		n.mu.Lock()
		left := len(n.all)
		n.mu.Unlock()
		if left == 0 {
			break
		}
	}
	n.host.Close()
}
