package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	ma "github.com/multiformats/go-multiaddr"
)

// A command of interop/README.md.
type command struct {
	ID                                     any
	Do, Address, Peer, Kind, Frame, Reason string
	Detail, Protocol                       string
	Size, Streams, Ms, Count               int
	Announce                               bool
	Height, From, To                       uint64
}

func (n *Node) carryOut(c *command, table *dht.IpfsDHT) {
	result, err := n.do(c, table)
	if result == nil {
		result = object{}
	}
	if result["id"] = c.ID; err != nil {
		result["error"] = err.Error()
	}
	emit("done", result)
}

func (n *Node) do(c *command, table *dht.IpfsDHT) (object, error) {
	switch c.Do {
	case "dial":
		return nil, n.reach(c.Address)
	case "broadcast":
		return n.broadcast(c), nil
	case "tip":
		tip := n.chain.tip()
		return object{"height": tip.Height, "hash": hex.EncodeToString(tip.Hash)}, nil
	}
	id, err := peer.Decode(c.Peer)
	if err != nil {
		return nil, err
	}
	switch c.Do {
	case "find":
		info, err := table.FindPeer(context.Background(), id)
		return object{"addresses": list(info.Addrs, ma.Multiaddr.String)}, err
	case "load":
		return n.load(id, c)
	}
	s := n.session(id)
	if s == nil {
		return nil, fmt.Errorf("no session with %s", id)
	}
	switch c.Do {
	case "block":
		block, err := s.block(c.Height)
		if err != nil || block == nil {
			return object{"found": false}, err
		}
		return object{"found": true, "bytes": len(block.Raw)}, nil
	case "range":
		blocks, frames, err := s.blocks(c.From, c.To)
		size := 0
		for _, block := range blocks {
			size += len(block.Raw)
		}
		return object{"blocks": len(blocks), "bytes": size, "frames": frames}, err
	case "sync":
		began := time.Now()
		size, err := n.sync(func() *Session { return n.session(id) }, c.To)
		return object{"height": n.chain.tip().Height, "bytes": size, "ms": time.Since(began).Milliseconds()}, err
	case "peers":
		found, err := s.askPeers(c.Count)
		var records []object
		for _, p := range found {
			id, addrs, err := p.open()
			if err != nil {
				return nil, err
			}
			records = append(records, object{"peer": id, "addresses": addrs, "age": p.Age})
		}
		return object{"peers": records}, err
	case "send":
		raw, err := hex.DecodeString(c.Frame)
		s.sendRaw(raw)
		return nil, err
	case "disconnect":
		s.disconnect(Reason(max(0, slices.Index(reasonNames, c.Reason))), c.Detail)
		return nil, nil
	}
	return nil, fmt.Errorf("unknown: %s", c.Do)
}

func (n *Node) broadcast(c *command) object {
	if c.Kind == "transaction" {
		digest := n.relay.broadcast(&Message{Kind: kindNewTransaction, Item: newTransaction(c.Size).encode()}, c.Announce)
		return object{"digest": digest.hex()}
	}
	block := n.chain.make(bytes.Repeat([]byte{7}, c.Size))
	digest := n.relay.broadcast(&Message{Kind: kindNewBlock, Item: block.Raw}, c.Announce)
	return object{"digest": digest.hex(), "height": block.Height}
}

// load opens streams of another protocol on the same connection, some at a time, for as long as it is
// told. Each sends bytes, ends its side, and expects as many bytes back.
func (n *Node) load(id peer.ID, c *command) (object, error) {
	var all sync.WaitGroup
	var total atomic.Int64
	failures := make(chan error, c.Streams)
	until := time.Now().Add(time.Duration(c.Ms) * time.Millisecond)
	for range c.Streams {
		all.Go(func() {
			for time.Now().Before(until) {
				if err := n.echo(id, protocol.ID(c.Protocol), c.Size); err != nil {
					failures <- err
					return
				}
				total.Add(1)
			}
		})
	}
	all.Wait()
	close(failures)
	return object{"streams": total.Load()}, <-failures
}

func (n *Node) echo(id peer.ID, name protocol.ID, size int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	stream, err := n.host.NewStream(ctx, id, name)
	if err != nil {
		return err
	}
	defer stream.Close()
	go func() {
		chunk := make([]byte, min(size, writeChunk))
		for left := size; left > 0; left -= len(chunk) {
			stream.Write(chunk[:min(left, len(chunk))])
		}
		stream.CloseWrite()
	}()
	got, err := io.Copy(io.Discard, stream)
	if err == nil && got != int64(size) {
		err = fmt.Errorf("%d of %d bytes came back", got, size)
	}
	return err
}
