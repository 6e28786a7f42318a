package main

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math/bits"
	mathrand "math/rand/v2"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	maxPrefilled = 10 << 10 // bytes of whole transactions in a compact block
	maxJoining   = 4        // blocks of one session that are put together at a time
)

// takeCompact puts a block together from a compact block and the pool. What is missing is asked of the peer, and where that comes to
// nothing, or many are put together already, the whole block.
func (r *Relay) takeCompact(s *Session, c *CompactBlock) error {
	digest := Digest(c.Digest)
	if r.seen.contains(digest.short()) {
		s.known.add(digest.short())
		return nil
	}
	count := len(c.ShortIDs)/shortIDSize + len(c.Prefilled)
	if len(c.Before)+len(c.After)+len(c.ShortIDs)/shortIDSize*minTransaction > maxItem {
		return violated("a compact block of %d transactions", count)
	}
	transactions := make([][]byte, count)
	for _, p := range c.Prefilled {
		transactions[p.Index] = p.Transaction
	}
	missing := r.fill(c, transactions)
	emit("compact", object{"peer": s.peer.String(), "digest": digest.hex(), "missing": len(missing)})
	select {
	case s.joining <- struct{}{}:
	default:
		s.send(&Message{Kind: kindWant, Digests: []Digest{digest}})
		return nil
	}
	go func() {
		defer func() { <-s.joining }()
		if len(missing) > 0 && !s.fetch(digest, transactions, missing) || !r.join(s, c, transactions) {
			s.send(&Message{Kind: kindWant, Digests: []Digest{digest}})
		}
	}()
	return nil
}

// fill takes the transactions of the pool, and returns the indexes of those that it does not have.
func (r *Relay) fill(c *CompactBlock, transactions [][]byte) (missing []uint32) {
	hash := newShortIDs(Digest(c.Digest), c.Nonce)
	known := map[uint64][]byte{}
	r.mu.Lock()
	for _, item := range r.pool.items {
		id := hash.of(digestOf(item.message.Item))
		if _, clashes := known[id]; clashes {
			known[id] = nil
		} else {
			known[id] = item.message.Item
		}
	}
	r.mu.Unlock()
	ids := c.ShortIDs
	for i := range transactions {
		if transactions[i] != nil {
			continue
		}
		if transactions[i] = known[readShortID(ids)]; transactions[i] == nil {
			missing = append(missing, uint32(i))
		}
		ids = ids[shortIDSize:]
	}
	return missing
}

// fetch asks for transactions of a block. False: they do not come.
func (s *Session) fetch(digest Digest, transactions [][]byte, missing []uint32) bool {
	var found [][]byte
	err := s.ask(&Message{Kind: kindRequestTransactions, Of: digest, Indexes: missing}, func(m *Message) { found = m.Transactions })
	if err != nil || len(found) < len(missing) {
		return false
	}
	for i, index := range missing {
		transactions[index] = found[i]
	}
	return true
}

// join takes the block of these transactions, as if it had come whole. False: it is another one.
func (r *Relay) join(s *Session, c *CompactBlock, transactions [][]byte) bool {
	block := append([]byte{}, c.Before...)
	for _, transaction := range transactions {
		block = appendMessage(block, 6, transaction)
	}
	block = append(block, c.After...)
	if len(block) > maxItem || digestOf(block) != Digest(c.Digest) {
		return false
	}
	r.receive(s, &Message{Kind: kindNewBlock, Item: block})
	return true
}

// cutBlock cuts an encoded block in three. An error: it could not be put together again.
func cutBlock(raw []byte) (before []byte, transactions [][]byte, after []byte, err error) {
	start, end := -1, -1
	for at := 0; at < len(raw); {
		number, kind, n := protowire.ConsumeTag(raw[at:])
		size := protowire.ConsumeFieldValue(number, kind, raw[at+n:])
		if size < 0 {
			return nil, nil, nil, errors.New("no block")
		}
		if number == 6 && kind == protowire.BytesType {
			transaction, _ := protowire.ConsumeBytes(raw[at+n:])
			if start >= 0 && at != end || n+size != 1+protowire.SizeBytes(len(transaction)) {
				return nil, nil, nil, errors.New("something between transactions")
			}
			if start < 0 {
				start = at
			}
			transactions, end = append(transactions, transaction), at+n+size
		}
		at += n + size
	}
	if start < 0 {
		start, end = len(raw), len(raw)
	}
	return raw[:start], transactions, raw[end:], nil
}

// compactOf makes the compact form of a block, or returns the block where that would save little. What this node lacks is in it, as far
// as that fits.
func (r *Relay) compactOf(m *Message) *Message {
	before, transactions, after, err := cutBlock(m.Item)
	if err != nil {
		return m
	}
	c := &CompactBlock{Before: before, After: after, Nonce: mathrand.Uint64()}
	digest := digestOf(m.Item)
	c.Digest = digest[:]
	hash := newShortIDs(digest, c.Nonce)
	room, lacked := maxPrefilled, 0
	for i, transaction := range transactions {
		digest := digestOf(transaction)
		r.mu.Lock()
		_, isPooled := r.pool.items[digest.short()]
		r.mu.Unlock()
		switch {
		case !isPooled && len(transaction) <= room:
			c.Prefilled = append(c.Prefilled, Prefilled{uint32(i), transaction})
			room -= len(transaction)
			continue
		case !isPooled:
			lacked += len(transaction)
		}
		c.ShortIDs = appendShortID(c.ShortIDs, hash.of(digest))
	}
	if 2*(len(c.ShortIDs)+maxPrefilled-room+lacked) > len(m.Item) {
		return m
	}
	return &Message{Kind: kindCompactBlock, Compacted: c}
}

// transactionsOf answers a question for transactions of a block that is kept: with none where it is not, or has no such index.
func (r *Relay) transactionsOf(digest Digest, indexes []uint32) (found [][]byte) {
	r.mu.Lock()
	item, isKept := r.kept.items[digest.short()]
	r.mu.Unlock()
	if !isKept || item.message.Kind != kindNewBlock {
		return nil
	}
	_, transactions, _, _ := cutBlock(item.message.Item)
	for _, index := range indexes {
		if int(index) >= len(transactions) {
			return nil
		}
		found = append(found, transactions[index])
	}
	return found
}

// shortIDs are SipHash-2-4 of digests, cut to 48 bits.
type shortIDs struct{ k0, k1 uint64 }

func newShortIDs(block Digest, nonce uint64) shortIDs {
	key := sha256.Sum256(binary.LittleEndian.AppendUint64(block[:], nonce))
	return shortIDs{binary.LittleEndian.Uint64(key[:]), binary.LittleEndian.Uint64(key[8:])}
}

func (k shortIDs) of(digest Digest) uint64 {
	v0, v1, v2, v3 := k.k0^0x736f6d6570736575, k.k1^0x646f72616e646f6d, k.k0^0x6c7967656e657261, k.k1^0x7465646279746573
	rounds := func(count int) {
		for range count {
			v0 += v1
			v1 = bits.RotateLeft64(v1, 13) ^ v0
			v0 = bits.RotateLeft64(v0, 32)
			v2 += v3
			v3 = bits.RotateLeft64(v3, 16) ^ v2
			v0 += v3
			v3 = bits.RotateLeft64(v3, 21) ^ v0
			v2 += v1
			v1 = bits.RotateLeft64(v1, 17) ^ v2
			v2 = bits.RotateLeft64(v2, 32)
		}
	}
	for at := 0; at <= len(digest); at += 8 {
		word := uint64(len(digest)) << 56 // the last word has the length
		if at < len(digest) {
			word = binary.LittleEndian.Uint64(digest[at:])
		}
		v3 ^= word
		rounds(2)
		v0 ^= word
	}
	v2 ^= 0xff
	rounds(4)
	return (v0 ^ v1 ^ v2 ^ v3) & (1<<48 - 1)
}

func readShortID(b []byte) uint64 {
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
}

func appendShortID(b []byte, id uint64) []byte {
	return binary.LittleEndian.AppendUint16(binary.LittleEndian.AppendUint32(b, uint32(id)), uint16(id>>32))
}
