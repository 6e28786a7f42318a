package main

import "google.golang.org/protobuf/encoding/protowire"

// Fields go out in the order of their numbers, without those that have their default value.

func appendInt(b []byte, num protowire.Number, v uint64) []byte {
	if v == 0 {
		return b
	}
	return protowire.AppendVarint(protowire.AppendTag(b, num, protowire.VarintType), v)
}

func appendBytes[T string | []byte](b []byte, num protowire.Number, v T) []byte {
	if len(v) == 0 {
		return b
	}
	return appendMessage(b, num, []byte(v))
}

// appendMessage is appendBytes for what is there also when it is empty.
func appendMessage(b []byte, num protowire.Number, v []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), v)
}

// encode returns the message without its length.
func (m *Message) encode() []byte {
	body := m.encodeBody()
	out := appendInt(make([]byte, 0, len(body)+16), 1, m.ID)
	if m.Kind == kindUnknown {
		return out
	}
	return appendMessage(out, protowire.Number(m.Kind), body)
}

func (m *Message) encodeBody() []byte {
	var b []byte
	switch m.Kind {
	case kindHandshake:
		b = appendMessage(b, 1, m.Node.encode())
	case kindNewBlock, kindNewTransaction:
		b = appendMessage(b, 1, m.Item)
	case kindResponseBlock:
		if m.Block != nil {
			b = appendMessage(b, 1, m.Block.Raw)
		}
	case kindResponseBlockRange:
		for _, block := range m.Blocks {
			b = appendMessage(b, 1, block.Raw)
		}
		if m.Last {
			b = appendInt(b, 2, 1)
		}
	case kindRequestBlock:
		b = appendInt(b, 1, m.Start)
	case kindRequestBlockRange:
		b = appendInt(appendInt(b, 1, m.Start), 2, m.End)
	case kindPing, kindPong:
		b = appendInt(appendInt(b, 1, m.Nonce), 2, m.BestHeight)
	case kindDisconnect:
		b = appendBytes(appendInt(b, 1, uint64(m.Reason)), 2, m.Detail)
	case kindHave, kindWant:
		for _, digest := range m.Digests {
			b = appendMessage(b, 1, digest[:])
		}
		var shorts []byte
		for _, short := range m.Shorts {
			shorts = append(shorts, short[:]...)
		}
		b = appendBytes(b, 2, shorts)
		if m.Compact {
			b = appendInt(b, 3, 1)
		}
	case kindCompactBlock, kindRequestTransactions, kindResponseTransactions:
		b = m.encodeCompact()
	case kindRequestPeers:
		b = appendInt(b, 1, uint64(m.Count))
	case kindResponsePeers:
		for _, p := range m.Peers {
			b = appendMessage(b, 1, appendInt(appendBytes(nil, 1, p.Record), 2, uint64(p.Age)))
		}
	}
	return b
}

func (n *NodeInfo) encode() []byte {
	b := appendInt(nil, 1, uint64(n.Version))
	b = appendBytes(b, 2, n.Network)
	b = appendBytes(b, 3, n.GenesisHash)
	b = appendBytes(b, 4, n.NodeID)
	b = appendBytes(b, 5, n.UserAgent)
	for _, addr := range n.ListenAddrs {
		b = appendMessage(b, 6, addr)
	}
	b = appendBytes(appendInt(b, 7, n.BestHeight), 8, n.BestHash)
	b = appendInt(appendInt(b, 9, uint64(n.MinVersion)), 10, n.Features)
	b = appendInt(b, 11, n.LowestHeight)
	if n.Fork != nil {
		b = appendMessage(b, 12, n.Fork.encode())
	}
	if n.BlockOnly {
		b = appendInt(b, 13, 1)
	}
	return b
}

func (id *ForkID) encode() []byte {
	var b []byte
	if id.Hash != 0 {
		b = protowire.AppendFixed32(protowire.AppendTag(b, 1, protowire.Fixed32Type), id.Hash)
	}
	return appendInt(b, 2, id.Next)
}

// encode is for blocks that were made here. Those of others have their bytes in Raw.
func (b *Block) encode() []byte {
	out := appendInt(nil, 1, b.Height)
	out = appendBytes(out, 2, b.Hash)
	out = appendBytes(out, 3, b.Prev)
	out = appendInt(out, 4, b.Timestamp)
	out = appendBytes(out, 5, b.StateRoot)
	for _, transaction := range b.Transactions {
		out = appendMessage(out, 6, transaction.encode())
	}
	return appendBytes(out, 7, b.Proof)
}

func (t *Transaction) encode() []byte {
	b := appendBytes(nil, 1, t.ID)
	b = appendBytes(b, 2, t.Sender)
	b = appendBytes(b, 3, t.Recipient)
	b = appendInt(b, 4, t.Value)
	b = appendInt(b, 5, t.Nonce)
	b = appendInt(b, 6, t.GasPrice)
	b = appendInt(b, 7, t.GasLimit)
	return appendBytes(appendBytes(b, 8, t.Data), 9, t.Signature)
}
