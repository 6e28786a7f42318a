package main

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	shortIDSize    = 6
	minTransaction = 102 // three hashes, each with its tag and length
)

// CompactBlock is a block without the transactions that the other side has.
type CompactBlock struct {
	Digest        []byte
	Before, After []byte // the encoded block, up to its first transaction and behind its last one
	Nonce         uint64
	ShortIDs      []byte // of the transactions that are not prefilled
	Prefilled     []Prefilled
}

// Prefilled is a whole transaction of a CompactBlock.
type Prefilled struct {
	Index       uint32
	Transaction []byte
}

func (m *Message) decodeCompactBlock(b []byte) error {
	c := &CompactBlock{}
	m.Compacted = c
	err := fields(b, compactSchema, func(f field) error {
		switch f.number {
		case 1:
			return setHash(&c.Digest, f)
		case 2:
			c.Before = f.bytes
		case 3:
			c.After = f.bytes
		case 4:
			c.Nonce = f.value
		case 5:
			c.ShortIDs = f.bytes
			if len(f.bytes)%shortIDSize != 0 {
				return fmt.Errorf("short ids of %d bytes", len(f.bytes))
			}
		case 6:
			p, err := decodePrefilled(f.bytes)
			c.Prefilled = append(c.Prefilled, p)
			return err
		}
		return nil
	})
	if err != nil {
		return err
	}
	next, count := uint64(0), uint64(len(c.ShortIDs)/shortIDSize+len(c.Prefilled))
	for _, p := range c.Prefilled {
		if uint64(p.Index) < next || uint64(p.Index) >= count {
			return fmt.Errorf("index %d of %d transactions", p.Index, count)
		}
		next = uint64(p.Index) + 1
	}
	return needHashes(c.Digest)
}

func decodePrefilled(b []byte) (p Prefilled, err error) {
	err = fields(b, prefilledSchema, func(f field) error {
		if f.number == 1 {
			return setUint32(&p.Index, f)
		}
		return setTransaction(&p.Transaction, f)
	})
	if err == nil && p.Transaction == nil {
		err = errors.New("a transaction is absent")
	}
	return p, err
}

// setTransaction takes an encoded transaction. What is in it is judged in the whole block.
func setTransaction(to *[]byte, f field) error {
	if len(f.bytes) < minTransaction {
		return fmt.Errorf("a transaction of %d bytes", len(f.bytes))
	}
	return setOnce(to, f)
}

func (m *Message) decodeRequestTransactions(b []byte) error {
	var of, packed []byte
	err := fields(b, indexesSchema, func(f field) error {
		if f.number == 1 {
			return setHash(&of, f)
		}
		return setOnce(&packed, f)
	})
	if err == nil {
		err = needHashes(of)
	}
	if err != nil {
		return err
	}
	m.Of = Digest(of)
	for last := -1; len(packed) > 0; {
		index, n := protowire.ConsumeVarint(packed)
		if n < 0 || index > math.MaxUint32 || int(index) <= last {
			return fmt.Errorf("index %d after %d", index, last)
		}
		packed, last = packed[n:], int(index)
		m.Indexes = append(m.Indexes, uint32(index))
	}
	return nil
}

func (m *Message) decodeResponseTransactions(b []byte) error {
	return fields(b, oneMessageSchema, func(f field) error {
		var transaction []byte
		err := setTransaction(&transaction, f)
		m.Transactions = append(m.Transactions, transaction)
		return err
	})
}

func (m *Message) encodeCompact() (b []byte) {
	switch m.Kind {
	case kindCompactBlock:
		c := m.Compacted
		b = appendBytes(appendBytes(appendBytes(nil, 1, c.Digest), 2, c.Before), 3, c.After)
		b = appendBytes(appendInt(b, 4, c.Nonce), 5, c.ShortIDs)
		for _, p := range c.Prefilled {
			b = appendMessage(b, 6, appendMessage(appendInt(nil, 1, uint64(p.Index)), 2, p.Transaction))
		}
	case kindRequestTransactions:
		var packed []byte
		for _, index := range m.Indexes {
			packed = protowire.AppendVarint(packed, uint64(index))
		}
		b = appendBytes(appendBytes(nil, 1, m.Of[:]), 2, packed)
	default:
		for _, transaction := range m.Transactions {
			b = appendMessage(b, 1, transaction)
		}
	}
	return b
}
