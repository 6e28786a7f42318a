package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
)

// decodeVectors reads a frame in hex from each line, and says of each what it is. The word "before" stands
// before a frame that comes before the handshake.
func decodeVectors(in io.Reader) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		frame, isFirst := strings.CutPrefix(lines.Text(), "before ")
		emit("decoded", verdictOf(frame, isFirst))
	}
}

func verdictOf(line string, isFirst bool) object {
	m, err := decodeVector(line, isFirst)
	var item *itemError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return object{"verdict": "lost"}
	case err != nil && !errors.As(err, &item):
		return object{"verdict": "violation", "why": err.Error()}
	case isFirst && m.Kind != kindHandshake && m.Kind != kindDisconnect:
		return object{"verdict": "violation", "why": "the first message is something else"}
	case !isFirst && m.Kind == kindHandshake:
		return object{"verdict": "violation", "why": "a second handshake"}
	case err != nil:
		return object{"verdict": "rejected", "type": kindNames[m.Kind], "why": err.Error()}
	case m.Kind == kindUnknown:
		return object{"verdict": "ignored"}
	default:
		return object{"verdict": "valid", "type": kindNames[m.Kind], "frame": hex.EncodeToString(frame(m.encode()))}
	}
}

// An itemError is of what is inside of a NewBlock or NewTransaction.
type itemError struct{ error }

// decodeVector decodes a frame with all that is in it. The blocks and transactions of the
// result are encoded anew, from their fields.
func decodeVector(line string, isFirst bool) (*Message, error) {
	stream, err := hex.DecodeString(line)
	if err != nil {
		return nil, err
	}
	limit := maxFrame
	if isFirst {
		limit = maxHandshakeFrame
	}
	body, err := readFrame(bufio.NewReader(bytes.NewReader(stream)), limit, func() {})
	if err != nil {
		return nil, err
	}
	m, err := decodeMessage(body)
	if err != nil {
		return nil, violated("%s", err)
	}
	switch m.Kind {
	case kindNewBlock:
		block, err := decodeBlock(m.Item)
		if err != nil {
			return m, &itemError{err}
		}
		m.Item = block.encode()
	case kindNewTransaction:
		transaction, err := decodeTransaction(m.Item)
		if err != nil {
			return m, &itemError{err}
		}
		m.Item = transaction.encode()
	case kindResponseBlock:
		if m.Block != nil {
			m.Block.Raw = m.Block.encode()
		}
	case kindResponseBlockRange:
		for _, block := range m.Blocks {
			block.Raw = block.encode()
		}
	}
	return m, nil
}

var kindNames = map[Kind]string{
	kindHandshake: "handshake", kindNewBlock: "new_block", kindNewTransaction: "new_transaction",
	kindRequestBlock: "request_block", kindResponseBlock: "response_block",
	kindRequestBlockRange: "request_block_range", kindResponseBlockRange: "response_block_range",
	kindPing: "ping", kindPong: "pong", kindDisconnect: "disconnect", kindHave: "have", kindWant: "want",
}
