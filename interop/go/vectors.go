package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strings"
)

// A verdict is what becomes of a frame.
type verdict byte

const (
	isValid verdict = iota
	isIgnored
	isRejected
	isLost
	isViolation
)

var verdictNames = []string{"valid", "ignored", "rejected", "lost", "violation"}

// decodeVectors reads a frame in hex from each line, and says of each what it is. The word "before" stands
// before a frame that comes before the handshake, the word "featured" before one of a session with every feature.
func decodeVectors(in io.Reader) {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		line, isFirst := strings.CutPrefix(lines.Text(), "before ")
		line, isFeatured := strings.CutPrefix(line, "featured ")
		stream, err := hex.DecodeString(line)
		if err != nil {
			emit("decoded", object{"verdict": "error", "why": err.Error()})
			continue
		}
		v, m, _, err := judge(stream, isFirst, isFeatured)
		event := object{"verdict": verdictNames[v]}
		if v == isValid {
			event["type"] = kindNames[m.Kind]
			event["frame"] = hex.EncodeToString(frame(m.encode()))
		} else if err != nil {
			event["why"] = err.Error()
		}
		emit("decoded", event)
	}
}

// judgeAll answers questions in the binary form of interop/README.md, until there are no more.
func judgeAll(in io.Reader, out io.Writer) error {
	r, w := bufio.NewReaderSize(in, 64<<10), bufio.NewWriterSize(out, 64<<10)
	var length [4]byte
	for {
		if _, err := io.ReadFull(r, length[:]); err == io.EOF {
			return w.Flush()
		} else if err != nil {
			return err
		}
		question := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(r, question); err != nil {
			return err
		}
		v, m, items, _ := judge(question[1:], question[0] == 0, question[0] == 2)
		answer := []byte{byte(v)}
		if v == isValid {
			encoded := frame(m.encode())
			answer = append(binary.BigEndian.AppendUint32(answer, uint32(len(encoded))), encoded...)
			for _, item := range items {
				digest := digestOf(item)
				answer = append(answer, digest[:]...)
			}
		}
		w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(answer))))
		w.Write(answer)
		if r.Buffered() == 0 {
			w.Flush()
		}
	}
}

// judge says what becomes of a frame, what is in it where it is valid, and the items of that as they came. The blocks and transactions of
// the message are encoded anew, from their fields.
func judge(stream []byte, isFirst, isFeatured bool) (verdict, *Message, [][]byte, error) {
	limit := maxFrame
	if isFirst {
		limit = maxHandshakeFrame
	}
	body, err := readFrame(bufio.NewReader(bytes.NewReader(stream)), limit, func() {})
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return isLost, nil, nil, err
	}
	var m *Message
	features := uint64(0)
	if isFeatured {
		features = everyFeature
	}
	if err == nil {
		m, err = decodeMessage(body, features)
	}
	switch {
	case err != nil:
		return isViolation, nil, nil, err
	case isFirst && m.Kind != kindHandshake && m.Kind != kindDisconnect:
		return isViolation, nil, nil, errors.New("the first message is something else")
	case !isFirst && m.Kind == kindHandshake:
		return isViolation, nil, nil, errors.New("a second handshake")
	case m.Kind == kindUnknown:
		return isIgnored, nil, nil, nil
	}
	items, err := m.decodeItems()
	if err != nil {
		return isRejected, nil, nil, err
	}
	return isValid, m, items, nil
}

// decodeItems decodes what is not decoded yet, and puts items in its place that are encoded anew. It returns them as they came.
func (m *Message) decodeItems() (items [][]byte, err error) {
	blocks := m.Blocks
	switch m.Kind {
	case kindNewTransaction:
		transaction, err := decodeTransaction(m.Item)
		if err != nil {
			return nil, err
		}
		items, m.Item = append(items, m.Item), transaction.encode()
	case kindNewBlock:
		block, err := decodeBlock(m.Item)
		if err != nil {
			return nil, err
		}
		items, m.Item = append(items, m.Item), block.encode()
	case kindResponseBlock:
		if m.Block != nil {
			blocks = []*Block{m.Block}
		}
	}
	for _, block := range blocks {
		items = append(items, block.Raw)
		block.Raw = block.encode()
	}
	return items, nil
}

var kindNames = map[Kind]string{
	kindHandshake: "handshake", kindNewBlock: "new_block", kindNewTransaction: "new_transaction",
	kindRequestBlock: "request_block", kindResponseBlock: "response_block",
	kindRequestBlockRange: "request_block_range", kindResponseBlockRange: "response_block_range",
	kindPing: "ping", kindPong: "pong", kindDisconnect: "disconnect", kindHave: "have", kindWant: "want",
	kindCompactBlock: "compact_block", kindRequestTransactions: "request_transactions",
	kindResponseTransactions: "response_transactions", kindRequestPeers: "request_peers", kindResponsePeers: "response_peers",
}
