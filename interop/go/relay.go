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
	maxPooled  = 4096 // small transactions, for who asks for them
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
	pending map[Short]*pendingItem // announced, and not there yet
	kept    keptItems              // large items, for those who want them
	pool    keptItems              // small transactions, for those who want them, and for those who come
}

type pendingItem struct {
	digest *Digest // nil: only its beginning is known
	by     []*Session
}

// keptItems forget the oldest when there are too many.
type keptItems struct {
	max   int
	items map[Short]keptItem
	order []Short
}

func (k *keptItems) add(short Short, m *Message) {
	if _, isThere := k.items[short]; isThere {
		return
	}
	if len(k.order) == k.max {
		delete(k.items, k.order[0])
		k.order = k.order[1:]
	}
	k.items[short] = keptItem{m, time.Now()}
	k.order = append(k.order, short)
}

type keptItem struct {
	message *Message
	since   time.Time
}

// A digestSet forgets the oldest digests when there are too many. It keeps their beginnings.
type digestSet struct {
	mu    sync.Mutex
	has   map[Short]bool
	order []Short
}

// add returns false where the digest is there already.
func (d *digestSet) add(short Short) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.has[short] {
		return false
	}
	if d.has == nil {
		d.has = map[Short]bool{}
	}
	if len(d.order) == maxSeen {
		delete(d.has, d.order[0])
		d.order = d.order[1:]
	}
	d.has[short] = true
	d.order = append(d.order, short)
	return true
}

func (d *digestSet) contains(short Short) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.has[short]
}

func newRelay(n *Node) *Relay {
	return &Relay{
		node: n, pending: map[Short]*pendingItem{},
		kept: keptItems{max: maxKept, items: map[Short]keptItem{}}, pool: keptItems{max: maxPooled, items: map[Short]keptItem{}},
	}
}

// receive takes a NewBlock or NewTransaction. What was met before is not decoded. An item that is malformed
// is not remembered: the same bytes may be a good item of the other kind.
func (r *Relay) receive(s *Session, m *Message) {
	digest := digestOf(m.Item)
	event := object{"peer": s.peer.String(), "kind": "transaction", "digest": digest.hex(), "bytes": len(m.Item)}
	if !r.seen.contains(digest.short()) {
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
	s.known.add(digest.short())
	if !r.seen.add(digest.short()) {
		return
	}
	r.mu.Lock()
	_, isWanted := r.pending[digest.short()]
	delete(r.pending, digest.short())
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
	r.seen.add(digest.short())
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
	r.seen.add(digest.short())
	r.spread(&Message{Kind: kindNewBlock, Item: block.Raw}, digest, nil, 0, false)
}

// spread sends a small item to all, and a large one to a few: the others hear that it is there.
func (r *Relay) spread(m *Message, digest Digest, from *Session, pushes int, announce bool) {
	isLarge := announce || len(m.Item) >= largeItem
	if isLarge || m.Kind == kindNewTransaction {
		r.keep(m, digest)
	}
	peers := r.node.others(from)
	mathrand.Shuffle(len(peers), func(i, j int) { peers[i], peers[j] = peers[j], peers[i] })
	for _, s := range peers {
		mayDrop := m.Kind == kindNewTransaction && !isLarge
		switch {
		case s.known.contains(digest.short()) || mayDrop && s.isBusy() || s.blockOnly && m.Kind == kindNewTransaction:
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
			s.known.add(digest.short())
			r.push(s, m, digest, isLarge)
			pushes--
		}
	}
}

// push sends an item, a large block in its compact form where the session has that.
func (r *Relay) push(s *Session, m *Message, digest Digest, isLarge bool) {
	if isLarge && m.Kind == kindNewBlock && s.features&compactBlocks != 0 {
		s.compact.add(digest.short())
		m = r.compactOf(m)
	}
	s.send(m)
}

func (r *Relay) announce(s *Session, digest Digest) {
	s.known.add(digest.short())
	if s.features&shortDigests != 0 {
		s.send(&Message{Kind: kindHave, Shorts: []Short{digest.short()}})
	} else {
		s.send(&Message{Kind: kindHave, Digests: []Digest{digest}})
	}
}

// announcePool tells a peer that has come of the transactions of the last minutes, the newest first.
func (r *Relay) announcePool(s *Session) {
	if s.features&shortDigests == 0 || s.blockOnly {
		return
	}
	r.mu.Lock()
	var shorts []Short
	for i := len(r.pool.order) - 1; i >= 0 && len(shorts) < maxDigests; i-- {
		short := r.pool.order[i]
		if time.Since(r.pool.items[short].since) < keptFor && s.known.add(short) {
			shorts = append(shorts, short)
		}
	}
	r.mu.Unlock()
	if len(shorts) > 0 {
		s.send(&Message{Kind: kindHave, Shorts: shorts})
	}
}

func (r *Relay) keep(m *Message, digest Digest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m.Kind == kindNewTransaction && len(m.Item) < largeItem {
		r.pool.add(digest.short(), m)
	} else {
		r.kept.add(digest.short(), m)
	}
}

// announced takes a Have: what is new is asked for, unless it comes by itself first.
func (r *Relay) announced(s *Session, m *Message) {
	emit("have", object{"peer": s.peer.String(), "digests": namesOf(m)})
	for _, digest := range m.Digests {
		r.note(s, digest.short(), &digest)
	}
	for _, short := range shortsOf(s, m) {
		r.note(s, short, nil)
	}
}

func (r *Relay) note(s *Session, short Short, digest *Digest) {
	s.known.add(short)
	if r.seen.contains(short) {
		return
	}
	r.mu.Lock()
	p, isPending := r.pending[short]
	if !isPending && len(r.pending) < maxPending {
		p = &pendingItem{}
		r.pending[short] = p
	}
	if p != nil {
		p.by = append(p.by, s)
		if digest != nil {
			p.digest = digest
		}
	}
	r.mu.Unlock()
	if !isPending && p != nil {
		time.AfterFunc(firstWant, func() { r.want(short) })
	}
}

// want asks the next of those who have announced an item, until it is there or nobody is left.
func (r *Relay) want(short Short) {
	r.mu.Lock()
	p := r.pending[short]
	var next *Session
	var digest *Digest
	if p != nil && len(p.by) == 0 {
		delete(r.pending, short)
	} else if p != nil {
		next, p.by, digest = p.by[0], p.by[1:], p.digest
	}
	r.mu.Unlock()
	if next == nil {
		return
	}
	compact := next.features&compactBlocks != 0
	if next.features&shortDigests != 0 {
		next.send(&Message{Kind: kindWant, Shorts: []Short{short}, Compact: compact})
	} else if digest != nil {
		next.send(&Message{Kind: kindWant, Digests: []Digest{*digest}, Compact: compact})
	}
	time.AfterFunc(nextWant, func() { r.want(short) })
}

// wanted answers a Want, each item once, and a whole block also where its compact form went before.
func (r *Relay) wanted(s *Session, m *Message) {
	emit("want", object{"peer": s.peer.String(), "digests": namesOf(m)})
	for _, short := range append(list(m.Digests, Digest.short), shortsOf(s, m)...) {
		r.mu.Lock()
		item, isKept := r.kept.items[short]
		if !isKept {
			item, isKept = r.pool.items[short]
		}
		r.mu.Unlock()
		if !isKept || time.Since(item.since) >= keptFor || s.isBusy() {
			continue
		}
		takesCompact := m.Compact && s.features&compactBlocks != 0
		switch isLargeBlock := item.message.Kind == kindNewBlock && len(item.message.Item) >= largeItem; {
		case s.answered.contains(short) || takesCompact && s.compact.contains(short):
		case takesCompact && isLargeBlock:
			r.push(s, item.message, digestOf(item.message.Item), true)
		default:
			s.answered.add(short)
			s.send(item.message)
		}
	}
}

// shortsOf are the short digests of a message. In a session without the feature they say nothing.
func shortsOf(s *Session, m *Message) []Short {
	if s.features&shortDigests == 0 {
		return nil
	}
	return m.Shorts
}

// namesOf are the digests of a message in hex, whole ones and short ones.
func namesOf(m *Message) []string {
	return append(list(m.Digests, Digest.hex), list(m.Shorts, func(s Short) string { return hex.EncodeToString(s[:]) })...)
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
