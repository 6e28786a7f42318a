package main

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	maxHeight = 1<<53 - 1
	maxItem   = maxFrame - 1024 // of an encoded block or transaction
)

// A schema has the wire type of each known field of a message, from number 1 on: v for a varint,
// l for what has a length, f for four bytes, and - for a number that is not known.
type schema string

const (
	messageSchema     schema = "vllllllllllll---ll"
	featuredSchema    schema = "vlllllllllllllllll" // Message, in a session with compact blocks
	oneMessageSchema  schema = "l"                  // Handshake, NewBlock, NewTransaction, ResponseBlock, ResponsePeers, ResponseTransactions
	nodeSchema        schema = "vlllllvlvvvlv"
	forkSchema        schema = "fv"
	blockSchema       schema = "vllvlll"
	transactionSchema schema = "lllvvvvll"
	heightSchema      schema = "v"  // RequestBlock, RequestPeers
	numbersSchema     schema = "vv" // RequestBlockRange, Ping, Pong
	rangeSchema       schema = "lv" // ResponseBlockRange
	disconnectSchema  schema = "vl"
	haveSchema        schema = "ll"
	wantSchema        schema = "llv"
	peerSchema        schema = "lv"
	compactSchema     schema = "lllvll"
	prefilledSchema   schema = "vl"
	indexesSchema     schema = "ll" // RequestTransactions
)

var wireTypes = map[byte]protowire.Type{'v': protowire.VarintType, 'l': protowire.BytesType, 'f': protowire.Fixed32Type}

// A field of a message that the schema knows.
type field struct {
	number int
	value  uint64 // of a varint, or of four bytes
	bytes  []byte // of what has a length: a part of the frame, not a copy
}

// fields checks a message against the grammar of the protocol, and calls visit for each field that
// the schema knows, in the order in which they came.
func fields(b []byte, known schema, visit func(field) error) error {
	for len(b) > 0 {
		number, typ, n, err := consumeTag(b)
		if err != nil {
			return err
		}
		b = b[n:]
		f := field{number: number}
		switch typ {
		case protowire.VarintType:
			f.value, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			f.bytes, n = consumeBytes(b)
		case protowire.Fixed32Type:
			var value uint32
			value, n = protowire.ConsumeFixed32(b)
			f.value = uint64(value)
		case protowire.Fixed64Type:
			_, n = protowire.ConsumeFixed64(b)
		default:
			return fmt.Errorf("wire type %d", typ)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if number > len(known) || known[number-1] == '-' {
			continue
		}
		if typ != wireTypes[known[number-1]] {
			return fmt.Errorf("field %d has wire type %d", number, typ)
		}
		if err := visit(f); err != nil {
			return err
		}
	}
	return nil
}

// consumeTag takes tags in their shortest form, below 2^32. protowire.ConsumeTag takes longer ones.
func consumeTag(b []byte) (int, protowire.Type, int, error) {
	tag, n := protowire.ConsumeVarint(b)
	if n < 0 {
		return 0, 0, 0, protowire.ParseError(n)
	}
	if tag > math.MaxUint32 || n != protowire.SizeVarint(tag) || tag>>3 == 0 {
		return 0, 0, 0, fmt.Errorf("tag %d of %d bytes", tag, n)
	}
	return int(tag >> 3), protowire.Type(tag & 7), n, nil
}

// consumeBytes takes lengths of at most five bytes. protowire.ConsumeBytes takes ten.
func consumeBytes(b []byte) ([]byte, int) {
	v, n := protowire.ConsumeBytes(b)
	if n-len(v) > 5 {
		return nil, math.MinInt
	}
	return v, n
}

// The rules for fields that a schema cannot state. A field that comes twice is checked twice.

func setHash(to *[]byte, f field) error {
	if len(f.bytes) != 32 {
		return fmt.Errorf("a hash of %d bytes", len(f.bytes))
	}
	*to = f.bytes
	return nil
}

func setUint32(to *uint32, f field) error {
	if f.value > math.MaxUint32 {
		return fmt.Errorf("a number of more than 32 bits: %d", f.value)
	}
	*to = uint32(f.value)
	return nil
}

func setBool(to *bool, f field) error {
	if f.value > 1 {
		return fmt.Errorf("a bool that is %d", f.value)
	}
	*to = f.value == 1
	return nil
}

func setHeight(to *uint64, f field) error {
	if f.value > maxHeight {
		return fmt.Errorf("a number over 2^53 - 1: %d", f.value)
	}
	*to = f.value
	return nil
}

func setText(to *string, f field, max int) error {
	if len(f.bytes) > max {
		return fmt.Errorf("a string of %d bytes, over %d", len(f.bytes), max)
	}
	if !utf8.Valid(f.bytes) {
		return errors.New("a string that is no UTF-8")
	}
	*to = string(f.bytes)
	return nil
}

// setOnce is for messages inside of messages: protobuf would merge two of them.
func setOnce(to *[]byte, f field) error {
	if *to != nil {
		return errors.New("a message that may come once comes twice")
	}
	*to = f.bytes[:len(f.bytes):len(f.bytes)]
	if *to == nil {
		*to = []byte{}
	}
	return nil
}

func needHashes(hashes ...[]byte) error {
	for _, hash := range hashes {
		if hash == nil {
			return errors.New("a hash is absent")
		}
	}
	return nil
}
