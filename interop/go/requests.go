package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
)

const (
	answerTimeout  = 10 * time.Second
	maxRange       = 1024
	maxRangeBytes  = 8 << 20   // of one answer
	rangeFrameSize = 256 << 10 // of blocks in one frame, or one block
)

var (
	errGone    = errors.New("the session has ended")
	errTimeout = errors.New("no answer")
	errForeign = errors.New("a record of another peer than its signature")
)

// requests are those that this side has made in one session.
type requests struct {
	mu   sync.Mutex
	last uint64
	out  map[uint64]*request
	gone bool
}

type request struct {
	kind    Kind // of the answer
	start   uint64
	end     uint64
	next    *Block        // the last block that came
	answers chan *Message // closed when the session is over
	givenUp bool
}

func newRequests() *requests { return &requests{out: map[uint64]*request{}} }

// answer hands a response to who waits for it, if it is one that was asked for.
func (r *requests) answer(m *Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	q := r.out[m.ID]
	if q == nil || q.kind != m.Kind {
		return violated("a response that nobody asked for")
	}
	if err := q.check(m); err != nil {
		return err
	}
	if m.Kind != kindResponseBlockRange || m.Last {
		delete(r.out, m.ID)
	}
	if !q.givenUp {
		q.answers <- m
	}
	return nil
}

// check is for what this document of the protocol forbids in a response.
func (q *request) check(m *Message) error {
	if m.Kind == kindResponsePeers {
		if len(m.Peers) > int(q.end) {
			return violated("%d peers, where %d were asked for", len(m.Peers), q.end)
		}
		return nil
	}
	if m.Kind == kindResponseTransactions {
		if got := len(m.Transactions); got > 0 && uint64(got) != q.end {
			return violated("%d transactions, where %d were asked for", got, q.end)
		}
		return nil
	}
	if m.Kind == kindResponseBlock {
		if m.Block != nil && m.Block.Height != q.start {
			return violated("block %d, not %d", m.Block.Height, q.start)
		}
		return nil
	}
	for _, block := range m.Blocks {
		switch {
		case q.next == nil && block.Height != q.start, q.next != nil && block.Height != q.next.Height+1:
			return violated("block %d of a range has a gap before it", block.Height)
		case block.Height > q.end:
			return violated("block %d of a range to %d", block.Height, q.end)
		case q.next != nil && !bytes.Equal(block.Prev, q.next.Hash):
			return violated("block %d of a range does not follow", block.Height)
		}
		q.next = block
	}
	return nil
}

func (r *requests) failAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
	for id, q := range r.out {
		close(q.answers)
		delete(r.out, id)
	}
}

// ask sends a request and calls each with every answer. A request that is given up stays known,
// so that a late answer is none that nobody asked for.
func (s *Session) ask(m *Message, each func(*Message)) error {
	q := &request{kind: m.Kind + 1, start: m.Start, end: max(m.End, uint64(m.Count), uint64(len(m.Indexes))), answers: make(chan *Message, maxRange)}
	r := s.requests
	r.mu.Lock()
	if r.gone {
		r.mu.Unlock()
		return errGone
	}
	r.last++
	m.ID = r.last
	r.out[m.ID] = q
	r.mu.Unlock()
	blocks := 1
	if m.Kind == kindRequestBlockRange {
		blocks = int(m.End - m.Start + 1)
	}
	s.askRate.WaitN(context.Background(), blocks)
	if !s.send(m) {
		return errGone
	}
	for {
		select {
		case answer, isOpen := <-q.answers:
			if !isOpen {
				return errGone
			}
			each(answer)
			if answer.Last || answer.Kind != kindResponseBlockRange {
				return nil
			}
		case <-time.After(answerTimeout):
			r.mu.Lock()
			q.givenUp = true
			r.mu.Unlock()
			return errTimeout
		}
	}
}

// block asks for one block: nil for "not found".
func (s *Session) block(height uint64) (found *Block, err error) {
	err = s.ask(&Message{Kind: kindRequestBlock, Start: height}, func(m *Message) { found = m.Block })
	return found, err
}

// blocks asks for a range, and returns what the one answer has, and in how many frames.
func (s *Session) blocks(start, end uint64) (all []*Block, frames int, err error) {
	err = s.ask(&Message{Kind: kindRequestBlockRange, Start: start, End: end}, func(m *Message) {
		frames++
		all = append(all, m.Blocks...)
	})
	return all, frames, err
}

// askPeers asks for nodes to dial, and returns what the answer has.
func (s *Session) askPeers(count int) (found []Peer, err error) {
	err = s.ask(&Message{Kind: kindRequestPeers, Count: uint32(count)}, func(m *Message) { found = m.Peers })
	return found, err
}

// serve answers requests, one after the other.
func (s *Session) serve() {
	for m := range s.serving {
		if !s.hasRoom() {
			continue
		}
		if m.Kind == kindRequestBlock {
			s.send(&Message{Kind: kindResponseBlock, ID: m.ID, Block: s.node.servable(m.Start)})
		} else {
			s.serveRange(m)
		}
	}
}

func (s *Session) serveRange(m *Message) {
	frameSize := s.rangeFrameSize()
	end := min(m.End, m.Start+uint64(s.node.serveLimit)-1)
	total, size := 0, 0
	var blocks []*Block
	for height := m.Start; height <= end && total < maxRangeBytes; height++ {
		block := s.node.servable(height)
		if block == nil {
			break
		}
		if size > 0 && size+len(block.Raw) > frameSize {
			if !s.hasRoom() || !s.send(&Message{Kind: kindResponseBlockRange, ID: m.ID, Blocks: blocks}) {
				return
			}
			blocks, size = nil, 0
		}
		blocks = append(blocks, block)
		size += len(block.Raw)
		total += len(block.Raw)
	}
	s.send(&Message{Kind: kindResponseBlockRange, ID: m.ID, Blocks: blocks, Last: true})
}

// rangeFrameSize is less where a relay cuts the connection after few bytes, so that a frame gets through.
func (s *Session) rangeFrameSize() int {
	if limit, ok := s.stream.Conn().Stat().Extra[client.StatLimitData].(uint64); ok && limit > 0 {
		return int(min(rangeFrameSize, limit/8))
	}
	return rangeFrameSize
}

// servable is a block that fits into a frame, or nil.
func (n *Node) servable(height uint64) *Block {
	block := n.chain.at(height)
	if block == nil || len(block.Raw) > maxItem {
		return nil
	}
	return block
}

// sync fetches blocks until the chain has those up to a height. It asks for twice as many as the last
// answer had: what is asked for counts against the rate, whether it comes or not.
func (n *Node) sync(find func() *Session, to uint64) (size int, err error) {
	count := uint64(16)
	for n.chain.tip().Height < to {
		s := find()
		if s == nil {
			return size, errGone
		}
		start := n.chain.tip().Height + 1
		blocks, _, err := s.blocks(start, min(to, start+count-1))
		if errors.Is(err, errGone) && find() != s {
			continue // another session with the same peer has taken over: the request goes out again there
		}
		if err != nil {
			return size, err
		}
		if len(blocks) == 0 {
			return size, fmt.Errorf("the peer has no block %d", start)
		}
		count = min(maxRange, 2*uint64(len(blocks)))
		for _, block := range blocks {
			size += len(block.Raw)
			if !n.chain.append(block) {
				return size, fmt.Errorf("block %d does not follow: the peer is on another branch", block.Height)
			}
		}
	}
	return size, nil
}

// follow fetches blocks for as long as a peer has more of them, and tells the others of the last one.
func (n *Node) follow() {
	n.mu.Lock()
	isFirst := !n.fetching
	n.fetching = true
	n.mu.Unlock()
	if !isFirst {
		return
	}
	for {
		s := n.ahead()
		if s == nil {
			return
		}
		if _, err := n.sync(func() *Session { return n.session(s.peer) }, s.heightOf()); err != nil {
			emit("behind", object{"peer": s.peer.String(), "cause": err.Error()})
			n.mu.Lock()
			n.fetching = false
			n.mu.Unlock()
			return
		}
		n.relay.tellOf(n.chain.tip())
	}
}

// ahead returns a session with the peer that has the most blocks more than this one. Where there is none, nothing is being fetched.
func (n *Node) ahead() (best *Session) {
	n.mu.Lock()
	defer n.mu.Unlock()
	height := n.chain.tip().Height
	for _, s := range n.sessions {
		if theirs := s.heightOf(); theirs > height {
			best, height = s, theirs
		}
	}
	if best == nil {
		n.fetching = false
	}
	return best
}
