package main

import (
	"crypto/rand"
	"encoding/hex"
	mathrand "math/rand/v2"
	"sync"
	"time"
)

const (
	largeItem  = 16 << 10 // from here on an item is announced, and pushed to a few only
	maxSeen    = 65536
	maxKept    = 64
	maxPending = 1024
	keptFor    = 2 * time.Minute
	firstWant  = 30 * time.Millisecond
	nextWant   = 2 * time.Second
	maxBad     = 100 // items of one peer that no decoder takes
)

// Relay sends items on to who does not have them: the bytes that came.
type Relay struct {
	node    *Node
	mu      sync.Mutex
	seen    digestSet
	pending map[Digest][]*Session // announced, and not there yet: by whom
	kept    map[Digest]keptItem   // large items, for those who want them
	keptLog []Digest
}

type keptItem struct {
	message *Message
	since   time.Time
}

// A digestSet forgets the oldest digests when there are too many.
type digestSet struct {
	mu    sync.Mutex
	has   map[Digest]bool
	order []Digest
}

// add returns false where the digest is there already.
func (d *digestSet) add(digest Digest) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.has[digest] {
		return false
	}
	if d.has == nil {
		d.has = map[Digest]bool{}
	}
	if len(d.order) == maxSeen {
		delete(d.has, d.order[0])
		d.order = d.order[1:]
	}
	d.has[digest] = true
	d.order = append(d.order, digest)
	return true
}

func (d *digestSet) contains(digest Digest) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.has[digest]
}

func newRelay(n *Node) *Relay {
	return &Relay{node: n, pending: map[Digest][]*Session{}, kept: map[Digest]keptItem{}}
}

// receive takes a NewBlock or NewTransaction. What was met before is not decoded. An item that is malformed
// is not remembered: the same bytes may be a good item of the other kind.
func (r *Relay) receive(s *Session, m *Message) {
	digest := digestOf(m.Item)
	event := object{"peer": s.peer.String(), "kind": "transaction", "digest": digest.hex(), "bytes": len(m.Item)}
	if !r.seen.contains(digest) {
		var err error
		var block *Block
		if m.Kind == kindNewTransaction {
			_, err = decodeTransaction(m.Item)
		} else if block, err = decodeBlock(m.Item); err == nil {
			event["kind"], event["height"] = "block", block.Height
			r.node.chain.append(block)
			s.raise(block.Height)
		}
		if err != nil { // who has sent it is not at fault, unless there are many
			if s.bad++; s.bad > maxBad {
				s.disconnect(unspecified, "too many items that are malformed")
			}
			return
		}
	}
	s.known.add(digest)
	if !r.seen.add(digest) {
		return
	}
	r.mu.Lock()
	_, isWanted := r.pending[digest]
	delete(r.pending, digest)
	r.mu.Unlock()
	emit("item", event)
	pushes := 1
	if isWanted {
		pushes = 0
	}
	r.spread(&Message{Kind: m.Kind, Item: m.Item}, digest, s, pushes, false)
}

// broadcast spreads an item of our own.
func (r *Relay) broadcast(m *Message, announce bool) Digest {
	digest := digestOf(m.Item)
	r.seen.add(digest)
	pushes := 3
	if announce {
		pushes = 0
	}
	r.spread(m, digest, nil, pushes, announce)
	return digest
}

// tellOf announces a block that was fetched.
func (r *Relay) tellOf(block *Block) {
	digest := digestOf(block.Raw)
	r.seen.add(digest)
	r.spread(&Message{Kind: kindNewBlock, Item: block.Raw}, digest, nil, 0, false)
}

// spread sends a small item to all, and a large one to a few: the others hear that it is there.
func (r *Relay) spread(m *Message, digest Digest, from *Session, pushes int, announce bool) {
	isLarge := announce || len(m.Item) >= largeItem
	if isLarge {
		r.keep(m, digest)
	}
	peers := r.node.others(from)
	mathrand.Shuffle(len(peers), func(i, j int) { peers[i], peers[j] = peers[j], peers[i] })
	for _, s := range peers {
		mayDrop := m.Kind == kindNewTransaction && !isLarge
		switch {
		case s.known.contains(digest) || mayDrop && s.isBusy():
		case isLarge && pushes <= 0:
			r.announce(s, digest)
		case m.Kind == kindNewBlock && !s.blockRate.Allow():
			r.keep(m, digest)
			r.announce(s, digest)
		case m.Kind == kindNewTransaction && !s.transactionRate.Allow():
			if isLarge {
				r.announce(s, digest)
			}
		default:
			s.known.add(digest)
			s.send(m)
			pushes--
		}
	}
}

func (r *Relay) announce(s *Session, digest Digest) {
	s.known.add(digest)
	s.send(&Message{Kind: kindHave, Digests: []Digest{digest}})
}

func (r *Relay) keep(m *Message, digest Digest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keptLog) == maxKept {
		delete(r.kept, r.keptLog[0])
		r.keptLog = r.keptLog[1:]
	}
	r.kept[digest] = keptItem{m, time.Now()}
	r.keptLog = append(r.keptLog, digest)
}

// announced takes a Have: what is new is asked for, unless it comes by itself first.
func (r *Relay) announced(s *Session, digests []Digest) {
	emit("have", object{"peer": s.peer.String(), "digests": list(digests, Digest.hex)})
	for _, digest := range digests {
		s.known.add(digest)
		if r.seen.contains(digest) {
			continue
		}
		r.mu.Lock()
		by, isPending := r.pending[digest]
		if isPending || len(r.pending) < maxPending {
			r.pending[digest] = append(by, s)
		}
		r.mu.Unlock()
		if !isPending {
			time.AfterFunc(firstWant, func() { r.want(digest) })
		}
	}
}

// want asks the next of those who have announced an item, until it is there or nobody is left.
func (r *Relay) want(digest Digest) {
	r.mu.Lock()
	by, isPending := r.pending[digest]
	if isPending && len(by) == 0 {
		delete(r.pending, digest)
	} else if isPending {
		r.pending[digest] = by[1:]
	}
	r.mu.Unlock()
	if len(by) == 0 {
		return
	}
	by[0].send(&Message{Kind: kindWant, Digests: []Digest{digest}})
	time.AfterFunc(nextWant, func() { r.want(digest) })
}

// wanted answers a Want, each item once.
func (r *Relay) wanted(s *Session, digests []Digest) {
	emit("want", object{"peer": s.peer.String(), "digests": list(digests, Digest.hex)})
	for _, digest := range digests {
		r.mu.Lock()
		item, isKept := r.kept[digest]
		r.mu.Unlock()
		if isKept && time.Since(item.since) < keptFor && !s.isBusy() && s.answered.add(digest) {
			s.send(item.message)
		}
	}
}

func (d Digest) hex() string { return hex.EncodeToString(d[:]) }

func list[T, R any](from []T, each func(T) R) []R {
	out := make([]R, 0, len(from))
	for _, v := range from {
		out = append(out, each(v))
	}
	return out
}

func newTransaction(size int) *Transaction {
	random := make([]byte, 96)
	rand.Read(random)
	return &Transaction{ID: random[:32], Sender: random[32:64], Recipient: random[64:], Data: make([]byte, size)}
}
