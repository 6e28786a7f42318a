package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Kind is the field number of a body in Message.
type Kind int

const (
	kindUnknown              Kind = 0 // of a later version, or none
	kindHandshake            Kind = 2
	kindNewBlock             Kind = 3
	kindNewTransaction       Kind = 4
	kindRequestBlock         Kind = 5
	kindResponseBlock        Kind = 6
	kindRequestBlockRange    Kind = 7
	kindResponseBlockRange   Kind = 8
	kindPing                 Kind = 9
	kindPong                 Kind = 10
	kindDisconnect           Kind = 11
	kindHave                 Kind = 12
	kindWant                 Kind = 13
	kindCompactBlock         Kind = 14
	kindRequestTransactions  Kind = 15
	kindResponseTransactions Kind = 16
	kindRequestPeers         Kind = 17
	kindResponsePeers        Kind = 18
)

// Reason of a Disconnect.
type Reason int

const (
	unspecified Reason = iota
	shutdown
	protocolViolation
	incompatibleVersion
	tooManyConnections
	duplicateConnection
	timedOut
	wrongNetwork
	banned
	rateLimited
	tooSlow
	wrongFork
)

var reasonNames = []string{
	"UNSPECIFIED", "SHUTDOWN", "PROTOCOL_VIOLATION", "INCOMPATIBLE_VERSION", "TOO_MANY_CONNECTIONS",
	"DUPLICATE_CONNECTION", "TIMEOUT", "WRONG_NETWORK", "BANNED", "RATE_LIMITED", "TOO_SLOW",
	"WRONG_FORK",
}

func (r Reason) String() string { return reasonNames[r] }

const (
	maxDigests = 512

	maxPeers  = 64 // in one answer
	maxRecord = 1024
)

// Digest of an item: the SHA-256 of the bytes that came.
type Digest [32]byte

// Short is the beginning of a digest, which names an item as well.
type Short [16]byte

func (d Digest) short() Short { return Short(d[:16]) }

// Message is one decoded frame. Only the fields of its kind are set.
type Message struct {
	ID   uint64
	Kind Kind

	Node         NodeInfo      // handshake
	Item         []byte        // newBlock, newTransaction: the bytes of the item, not looked at yet
	Block        *Block        // responseBlock: nil for "not found"
	Blocks       []*Block      // responseBlockRange
	Last         bool          // responseBlockRange
	Start, End   uint64        // requestBlockRange; requestBlock has Start alone
	Nonce        uint64        // ping, pong
	BestHeight   uint64        // ping, pong
	Reason       Reason        // disconnect
	Detail       string        // disconnect
	Digests      []Digest      // have, want
	Shorts       []Short       // have, want: with the feature of short digests
	Compact      bool          // want: blocks may be compact
	Compacted    *CompactBlock // compactBlock
	Of           Digest        // requestTransactions: of which block
	Indexes      []uint32      // requestTransactions
	Transactions [][]byte      // responseTransactions, encoded
	Count        uint32        // requestPeers
	Peers        []Peer        // responsePeers
}

// NodeInfo is what a node says of itself.
type NodeInfo struct {
	Version     uint32
	Network     string
	GenesisHash []byte
	NodeID      string
	UserAgent   string
	ListenAddrs [][]byte
	BestHeight  uint64
	BestHash    []byte

	MinVersion   uint32 // 0: the same as Version
	Features     uint64
	LowestHeight uint64
	Fork         *ForkID // nil: it plans none, and compares nothing
	BlockOnly    bool    // it wants no transactions in this session
}

// Peer is a node that another one tells of.
type Peer struct {
	Record []byte // a signed peer record
	Age    uint32 // in minutes
}

// ForkID says which forks a chain has passed, and which one comes next.
type ForkID struct {
	Hash uint32
	Next uint64
}

// Block with the bytes that it came in. They are what is stored, served and relayed.
type Block struct {
	Raw                   []byte
	Height, Timestamp     uint64
	Hash, Prev, StateRoot []byte
	Transactions          []*Transaction
	Proof                 []byte
}

// Transaction as it came.
type Transaction struct {
	ID, Sender, Recipient            []byte
	Value, Nonce, GasPrice, GasLimit uint64
	Data, Signature                  []byte
}

func digestOf(item []byte) Digest { return sha256.Sum256(item) }

// decodeMessage decodes a frame of a session with these features, but not the item of a NewBlock or NewTransaction: who relays it
// is not to blame for what is inside.
func decodeMessage(frame []byte, features uint64) (*Message, error) {
	m := &Message{}
	known := messageSchema
	if features&compactBlocks != 0 {
		known = featuredSchema
	}
	var body []byte
	err := fields(frame, known, func(f field) error {
		if f.number == 1 {
			m.ID = f.value
			return nil
		}
		m.Kind = Kind(f.number)
		return setOnce(&body, f)
	})
	if err == nil && body != nil {
		err = m.decodeBody(body)
	}
	if err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Message) decodeBody(b []byte) error {
	switch m.Kind {
	case kindHandshake:
		return m.decodeHandshake(b)
	case kindNewBlock, kindNewTransaction:
		return m.decodeItem(b)
	case kindResponseBlock:
		return m.decodeResponseBlock(b)
	case kindResponseBlockRange:
		return m.decodeResponseBlockRange(b)
	case kindRequestBlock:
		return fields(b, heightSchema, func(f field) error { return setHeight(&m.Start, f) })
	case kindRequestBlockRange:
		return m.decodeRequestBlockRange(b)
	case kindPing, kindPong:
		return m.decodePing(b)
	case kindDisconnect:
		return m.decodeDisconnect(b)
	case kindCompactBlock:
		return m.decodeCompactBlock(b)
	case kindRequestTransactions:
		return m.decodeRequestTransactions(b)
	case kindResponseTransactions:
		return m.decodeResponseTransactions(b)
	case kindRequestPeers:
		return fields(b, heightSchema, func(f field) error { return setUint32(&m.Count, f) })
	case kindResponsePeers:
		return m.decodePeers(b)
	case kindHave:
		return m.decodeDigests(b, haveSchema)
	default:
		return m.decodeDigests(b, wantSchema)
	}
}

// only returns the message in field 1 of a message that has no other field, or nil.
func only(b []byte) (inner []byte, err error) {
	err = fields(b, oneMessageSchema, func(f field) error { return setOnce(&inner, f) })
	return inner, err
}

func (m *Message) decodeHandshake(b []byte) error {
	node, err := only(b)
	if err != nil {
		return err
	}
	n := &m.Node
	var fork []byte
	err = fields(node, nodeSchema, func(f field) error {
		switch f.number {
		case 1:
			return setUint32(&n.Version, f)
		case 2:
			return setText(&n.Network, f, 64)
		case 3:
			return setHash(&n.GenesisHash, f)
		case 4:
			return setText(&n.NodeID, f, 64)
		case 5:
			return setText(&n.UserAgent, f, 256)
		case 6:
			if len(n.ListenAddrs) == 16 || len(f.bytes) > 192 {
				return errors.New("too many addresses, or one that is too long")
			}
			n.ListenAddrs = append(n.ListenAddrs, f.bytes)
		case 7:
			return setHeight(&n.BestHeight, f)
		case 8:
			return setHash(&n.BestHash, f)
		case 9:
			return setUint32(&n.MinVersion, f)
		case 10:
			n.Features = f.value
		case 11:
			return setHeight(&n.LowestHeight, f)
		case 12:
			return setOnce(&fork, f)
		case 13:
			return setBool(&n.BlockOnly, f)
		}
		return nil
	})
	if err == nil && fork != nil {
		n.Fork, err = decodeForkID(fork)
	}
	if err != nil {
		return err
	}
	return needHashes(n.GenesisHash, n.BestHash)
}

func decodeForkID(b []byte) (*ForkID, error) {
	id := &ForkID{}
	err := fields(b, forkSchema, func(f field) error {
		if f.number == 1 {
			id.Hash = uint32(f.value)
			return nil
		}
		return setHeight(&id.Next, f)
	})
	return id, err
}

func (m *Message) decodeItem(b []byte) (err error) {
	if m.Item, err = only(b); err == nil && m.Item == nil {
		err = errors.New("no item")
	}
	return err
}

func (m *Message) decodeResponseBlock(b []byte) error {
	raw, err := only(b)
	if err == nil && raw != nil {
		m.Block, err = decodeBlock(raw)
	}
	return err
}

func (m *Message) decodeResponseBlockRange(b []byte) error {
	err := fields(b, rangeSchema, func(f field) error {
		if f.number == 1 {
			block, err := decodeBlock(f.bytes)
			m.Blocks = append(m.Blocks, block)
			return err
		}
		return setBool(&m.Last, f)
	})
	if err == nil && len(m.Blocks) == 0 && !m.Last {
		err = errors.New("a frame of a range with neither blocks nor last")
	}
	return err
}

func (m *Message) decodeRequestBlockRange(b []byte) error {
	err := fields(b, numbersSchema, func(f field) error {
		if f.number == 1 {
			return setHeight(&m.Start, f)
		}
		return setHeight(&m.End, f)
	})
	if err == nil && m.End < m.Start {
		err = errors.New("a range that ends below its start")
	}
	return err
}

func (m *Message) decodePing(b []byte) error {
	return fields(b, numbersSchema, func(f field) error {
		if f.number == 1 {
			m.Nonce = f.value
			return nil
		}
		return setHeight(&m.BestHeight, f)
	})
}

func (m *Message) decodeDisconnect(b []byte) error {
	return fields(b, disconnectSchema, func(f field) error {
		if f.number == 1 {
			return m.setReason(int64(f.value))
		}
		err := setText(&m.Detail, f, maxFrame)
		m.Detail = cut(m.Detail, 256)
		return err
	})
}

// setReason takes any enum of 32 bits. Negative ones have ten bytes, with 32 more bits that are all set.
func (m *Message) setReason(value int64) error {
	m.Reason = unspecified
	switch {
	case value != int64(int32(value)):
		return fmt.Errorf("an enum that is %d", value)
	case value >= 0 && value < int64(len(reasonNames)):
		m.Reason = Reason(value)
	}
	return nil
}

// cut shortens a text to at most max bytes, between two characters.
func cut(text string, max int) string {
	if len(text) <= max {
		return text
	}
	for !utf8.RuneStart(text[max]) {
		max--
	}
	return text[:max]
}

func (m *Message) decodeDigests(b []byte, known schema) error {
	return fields(b, known, func(f field) error {
		switch f.number {
		case 1:
			if len(m.Digests) == maxDigests || len(f.bytes) != 32 {
				return fmt.Errorf("digest %d of %d bytes", len(m.Digests), len(f.bytes))
			}
			m.Digests = append(m.Digests, Digest(f.bytes))
		case 2:
			if len(f.bytes)%16 != 0 || len(f.bytes) > 16*maxDigests {
				return fmt.Errorf("short digests of %d bytes", len(f.bytes))
			}
			m.Shorts = nil
			for at := 0; at < len(f.bytes); at += 16 {
				m.Shorts = append(m.Shorts, Short(f.bytes[at:at+16]))
			}
		case 3:
			return setBool(&m.Compact, f)
		}
		return nil
	})
}

func (m *Message) decodePeers(b []byte) error {
	return fields(b, oneMessageSchema, func(f field) error {
		if len(m.Peers) == maxPeers {
			return fmt.Errorf("more than %d peers", maxPeers)
		}
		p := Peer{}
		err := fields(f.bytes, peerSchema, func(f field) error {
			if f.number == 2 {
				return setUint32(&p.Age, f)
			}
			if len(f.bytes) > maxRecord {
				return fmt.Errorf("a record of %d bytes", len(f.bytes))
			}
			p.Record = f.bytes
			return nil
		})
		m.Peers = append(m.Peers, p)
		return err
	})
}

func decodeBlock(raw []byte) (*Block, error) {
	b := &Block{Raw: raw}
	if len(raw) > maxItem {
		return b, fmt.Errorf("a block of %d bytes", len(raw))
	}
	err := fields(raw, blockSchema, func(f field) error {
		switch f.number {
		case 1:
			return setHeight(&b.Height, f)
		case 2:
			return setHash(&b.Hash, f)
		case 3:
			return setHash(&b.Prev, f)
		case 4:
			return setHeight(&b.Timestamp, f)
		case 5:
			return setHash(&b.StateRoot, f)
		case 6:
			transaction, err := decodeTransaction(f.bytes)
			b.Transactions = append(b.Transactions, transaction)
			return err
		case 7:
			b.Proof = f.bytes
		}
		return nil
	})
	if err == nil {
		err = needHashes(b.Hash, b.Prev, b.StateRoot)
	}
	return b, err
}

func decodeTransaction(raw []byte) (*Transaction, error) {
	t := &Transaction{}
	if len(raw) > maxItem {
		return t, fmt.Errorf("a transaction of %d bytes", len(raw))
	}
	err := fields(raw, transactionSchema, func(f field) error {
		switch f.number {
		case 1:
			return setHash(&t.ID, f)
		case 2:
			return setHash(&t.Sender, f)
		case 3:
			return setHash(&t.Recipient, f)
		case 4:
			t.Value = f.value
		case 5:
			t.Nonce = f.value
		case 6:
			t.GasPrice = f.value
		case 7:
			t.GasLimit = f.value
		case 8:
			t.Data = f.bytes
		case 9:
			t.Signature = f.bytes
		}
		return nil
	})
	if err == nil {
		err = needHashes(t.ID, t.Sender, t.Recipient)
	}
	return t, err
}
