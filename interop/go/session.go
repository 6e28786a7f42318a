package main

import (
	"bufio"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
	"golang.org/x/time/rate"
)

const (
	handshakeTimeout = 10 * time.Second
	frameTimeout     = 30 * time.Second // from the first byte of a frame to its last
	writeTimeout     = 30 * time.Second // for a peer that takes nothing
	pongTimeout      = 30 * time.Second
	pingInterval     = 30 * time.Second
	closeTimeout     = 500 * time.Millisecond
	takeoverTimeout  = 2 * time.Second

	maxQueue   = 8 << 20 // bytes that wait to be sent: more is too slow
	busyQueue  = 1 << 20 // more than this: nothing is added that can wait
	writeChunk = 64 << 10
)

// Session is one stream to a peer. One goroutine reads it, one writes it, one answers requests.
type Session struct {
	node      *Node
	stream    network.Stream
	peer      peer.ID
	outbound  bool
	relayed   bool
	opened    time.Time
	readyAt   time.Time // when its handshake was accepted
	isPeer    bool      // it was the session of the pair
	isRetired bool      // and lost against a new one
	features  uint64    // that both sides have
	blockOnly bool      // the peer wants no transactions

	mu       sync.Mutex
	changed  *sync.Cond // the queue, or the state
	queue    [][]byte
	queued   int
	ending   bool // Disconnect is in the queue, and is the last frame
	retiring bool // it has lost a takeover: what comes still counts
	over     bool // nothing is read any more
	readCap  time.Time
	height   uint64
	pong     chan uint64
	end      ending

	requests *requests
	serving  chan *Message
	known    digestSet     // items that the peer has
	answered digestSet     // items that it has asked for and got
	compact  digestSet     // blocks that it has got in their compact form
	joining  chan struct{} // a place for each of its blocks that is put together
	bad      int           // malformed items that it has sent
	written  chan struct{}

	blockRate, transactionRate, askRate *rate.Limiter
}

// How a session ended. The first one that is noted counts.
type ending struct {
	by     string // us, them or nobody
	reason *Reason
	detail string
}

func newSession(n *Node, stream network.Stream, outbound bool) *Session {
	_, err := stream.Conn().RemoteMultiaddr().ValueForProtocol(ma.P_CIRCUIT)
	s := &Session{
		node: n, stream: stream, peer: stream.Conn().RemotePeer(), outbound: outbound, relayed: err == nil, opened: time.Now(),
		pong: make(chan uint64, 8), requests: newRequests(), serving: make(chan *Message, 64), written: make(chan struct{}),
		joining: make(chan struct{}, maxJoining),
		// Nine tenths of what a peer takes.
		blockRate: rate.NewLimiter(18, 90), transactionRate: rate.NewLimiter(900, 9000), askRate: rate.NewLimiter(4500, 45000),
	}
	s.changed = sync.NewCond(&s.mu)
	s.readCap = s.opened.Add(handshakeTimeout)
	return s
}

// run is the whole life of a session. It returns when the stream is closed.
func (s *Session) run() {
	go s.write()
	err := s.read()
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	switch {
	case err == nil: // the peer's Disconnect: it is answered by the end of the stream
		s.finish(nil)
	case errors.As(err, &violation{}):
		s.node.ban(s.peer)
		s.disconnect(protocolViolation, err.Error())
	case isTimeout(err) && !s.isEnding():
		s.disconnect(timedOut, "")
	default: // a lost connection, or the end that this side has waited for
		s.note("nobody", nil, "")
		s.finish(nil)
	}
	s.drain()
	close(s.serving)
	s.requests.failAll()
	s.node.remove(s)
}

// read reads until the session ends. It returns nil after a Disconnect of the peer.
func (s *Session) read() error {
	r := bufio.NewReaderSize(s.stream, 64<<10)
	ready := false
	for {
		limit := maxFrame
		if !ready {
			limit = maxHandshakeFrame
		}
		s.readBy(time.Time{})
		body, err := readFrame(r, limit, func() { s.readBy(time.Now().Add(frameTimeout)) })
		if err != nil {
			return err
		}
		m, err := decodeMessage(body, s.features)
		if err != nil {
			return violated("%s", err)
		}
		switch {
		case s.hasEnded(): // nothing counts after our own Disconnect, but in a takeover
		case m.Kind == kindDisconnect:
			s.note("them", &m.Reason, m.Detail)
			return nil
		case !ready:
			if ready, err = s.handshake(m); err != nil {
				return err
			}
		default:
			if err := s.take(m); err != nil {
				return err
			}
		}
	}
}

// handshake judges the first frame. False without an error: it has been refused.
func (s *Session) handshake(m *Message) (bool, error) {
	if m.Kind != kindHandshake {
		return false, violated("the first frame is no handshake")
	}
	if reason, why := s.node.refuses(&m.Node); reason != unspecified {
		s.disconnect(reason, why)
		return false, nil
	}
	s.mu.Lock()
	s.readCap = time.Time{}
	s.mu.Unlock()
	s.features, s.blockOnly = m.Node.Features&s.node.info.Features, m.Node.BlockOnly
	if s.blockOnly {
		s.features &^= peersFromPeers
	}
	if s.node.admit(s) {
		go s.serve()
		go s.ping()
		emit("ready", object{"peer": s.peer.String(), "direction": s.direction(), "height": m.Node.BestHeight})
		s.raise(m.Node.BestHeight)
		s.node.relay.announcePool(s)
	}
	return true, nil
}

// take handles a message of a session that is ready.
func (s *Session) take(m *Message) error {
	switch m.Kind {
	case kindHandshake:
		return violated("a second handshake")
	case kindNewBlock, kindNewTransaction:
		if m.Kind == kindNewBlock || !s.blockOnly {
			s.node.relay.receive(s, m)
		}
	case kindCompactBlock:
		return s.node.relay.takeCompact(s, m.Compacted)
	case kindRequestTransactions:
		if !s.isEnding() {
			s.send(&Message{Kind: kindResponseTransactions, ID: m.ID, Transactions: s.node.relay.transactionsOf(m.Of, m.Indexes)})
		}
	case kindRequestBlock, kindRequestBlockRange:
		if !s.isEnding() {
			s.serving <- m // full: the peer is not read until one has been answered
		}
	case kindResponseBlock, kindResponseBlockRange:
		return s.requests.answer(m)
	case kindPing:
		s.raise(m.BestHeight)
		s.send(&Message{Kind: kindPong, Nonce: m.Nonce, BestHeight: s.node.chain.tip().Height})
	case kindPong:
		s.raise(m.BestHeight)
		select {
		case s.pong <- m.Nonce:
		default: // nobody asked for so many
		}
	case kindHave:
		s.node.relay.announced(s, m)
	case kindWant:
		s.node.relay.wanted(s, m)
	case kindRequestPeers:
		if s.features&peersFromPeers != 0 && !s.isEnding() {
			s.send(&Message{Kind: kindResponsePeers, ID: m.ID, Peers: s.node.peers(int(m.Count))})
		}
	case kindResponsePeers, kindResponseTransactions:
		return s.requests.answer(m)
	}
	return nil
}

// ping sends one ping at a time. Only a pong with its nonce counts.
func (s *Session) ping() {
	for !s.isEnding() {
		nonce := rand.Uint64()
		s.send(&Message{Kind: kindPing, Nonce: nonce, BestHeight: s.node.chain.tip().Height})
		deadline := time.NewTimer(pongTimeout)
		for got := false; !got; {
			select {
			case answer := <-s.pong:
				got = answer == nonce
			case <-deadline.C:
				s.disconnect(timedOut, "no pong")
				return
			case <-s.written:
				return
			}
		}
		emit("pong", object{"peer": s.peer.String(), "height": s.heightOf()})
		select {
		case <-time.After(time.Duration((0.9 + 0.2*rand.Float64()) * float64(pingInterval))):
		case <-s.written:
			return
		}
	}
}

// send puts a message behind what waits. False: the session is ending, and it was not.
func (s *Session) send(m *Message) bool { return s.sendRaw(frame(m.encode())) }

func (s *Session) sendRaw(bytes []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending || s.over {
		return false
	}
	if s.queued += len(bytes); s.queued > maxQueue && len(s.queue) > 0 {
		go s.disconnect(tooSlow, "too much waits to be sent")
		return false
	}
	s.queue = append(s.queue, bytes)
	s.changed.Broadcast()
	return true
}

// hasRoom waits until little waits to be sent. False: the session is ending.
func (s *Session) hasRoom() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.queued > busyQueue && !s.ending && !s.over {
		s.changed.Wait()
	}
	return !s.ending && !s.over
}

func (s *Session) isBusy() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.queued > busyQueue
}

// write sends what is in the queue until the last frame, then ends this side of the stream.
func (s *Session) write() {
	defer close(s.written)
	for {
		s.mu.Lock()
		for len(s.queue) == 0 && !s.ending {
			s.changed.Wait()
		}
		if len(s.queue) == 0 {
			s.mu.Unlock()
			s.stream.CloseWrite()
			return
		}
		next := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		if err := s.writeFrame(next); err != nil {
			s.failed(err)
			return
		}
		s.mu.Lock()
		s.queued -= len(next)
		s.changed.Broadcast()
		s.mu.Unlock()
	}
}

func (s *Session) writeFrame(bytes []byte) error {
	for len(bytes) > 0 {
		n := min(len(bytes), writeChunk)
		s.stream.SetWriteDeadline(time.Now().Add(writeTimeout))
		if _, err := s.stream.Write(bytes[:n]); err != nil {
			return err
		}
		bytes = bytes[n:]
	}
	return nil
}

// failed is for a stream that takes no more bytes: not even a Disconnect.
func (s *Session) failed(err error) {
	if isTimeout(err) {
		reason := tooSlow
		s.note("us", &reason, "")
	}
	s.finish(nil)
	s.stream.Reset()
}

// disconnect sends Disconnect in place of all that waits, and ends the session.
func (s *Session) disconnect(reason Reason, detail string) {
	s.note("us", &reason, detail)
	s.finish(&Message{Kind: kindDisconnect, Reason: reason, Detail: cut(detail, 256)})
}

// finish lets the writer end, after last if there is one, and gives the peer a moment to do the same.
func (s *Session) finish(last *Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return
	}
	s.ending = true
	s.queue = nil
	if last != nil {
		s.queue = [][]byte{frame(last.encode())}
	}
	s.changed.Broadcast()
	s.capReads(closeTimeout)
}

// retire gives the session up for another one with the same peer, without losing messages.
func (s *Session) retire() {
	reason := duplicateConnection
	s.note("us", &reason, "")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ending {
		return
	}
	s.ending, s.retiring = true, true
	s.queue = append(s.queue, frame((&Message{Kind: kindDisconnect, Reason: duplicateConnection}).encode()))
	s.changed.Broadcast()
	s.capReads(takeoverTimeout)
}

// drain reads what comes until the peer ends its side, and then closes the stream. To close it
// earlier would reset it in the middle of the Disconnect.
func (s *Session) drain() {
	s.mu.Lock()
	s.capReads(closeTimeout)
	s.mu.Unlock()
	buffer := make([]byte, 64<<10)
	var err error
	for err == nil {
		_, err = s.stream.Read(buffer)
	}
	select {
	case <-s.written:
		s.stream.Close()
	case <-time.After(closeTimeout):
		s.stream.Reset()
	}
	<-s.written
}

// readBy sets the deadline of the next reads: no later than that of the session's state.
func (s *Session) readBy(deadline time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.readCap.IsZero() && (deadline.IsZero() || deadline.After(s.readCap)) {
		deadline = s.readCap
	}
	s.stream.SetReadDeadline(deadline)
}

func (s *Session) capReads(after time.Duration) {
	now := time.Now()
	if at := now.Add(after); s.readCap.Before(now) || s.readCap.After(at) {
		s.readCap = at
	}
	s.stream.SetReadDeadline(s.readCap)
}

// isTimeout says whether a deadline has passed. What Yamux gives then is not os.ErrDeadlineExceeded.
func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func (s *Session) note(by string, reason *Reason, detail string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end.by == "" {
		s.end = ending{by, reason, detail}
	}
}

func (s *Session) isEnding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending
}

// hasEnded says that nothing that comes counts any more.
func (s *Session) hasEnded() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ending && !s.retiring
}

// raise takes the height that the peer says it has.
func (s *Session) raise(height uint64) {
	s.mu.Lock()
	s.height = max(s.height, height)
	s.mu.Unlock()
	if s.node.follows && height > s.node.chain.tip().Height {
		go s.node.follow()
	}
}

func (s *Session) heightOf() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.height
}

func (s *Session) direction() string {
	if s.outbound {
		return "outbound"
	}
	return "inbound"
}
