// Command vibecoin-peer is a peer of the VibeCoin network protocol for tests. interop/README.md
// has its command line, what it says and what it is told.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/peer"
)

type object = map[string]any

type options struct {
	listen, dial, relays          []string
	network, swarmKey             string
	genesis, seed                 []byte
	length, proofSize             int
	serveLimit, version, maxPeers int
	relayServer, dht, follow      bool
	decodeStdin, judgeStdin       bool
	banned                        []peer.ID
	features                      uint64
	yamuxPing                     time.Duration
}

func parse() *options {
	o := &options{genesis: []byte(strings.Repeat("\x01", 32)), features: allFeatures}
	each := func(to *[]string) func(string) error {
		return func(v string) error { *to = append(*to, v); return nil }
	}
	bytes32 := func(to *[]byte) func(string) error {
		return func(v string) (err error) {
			if *to, err = hex.DecodeString(v); err == nil && len(*to) != 32 {
				err = fmt.Errorf("%d bytes, not 32", len(*to))
			}
			return err
		}
	}
	flag.Func("listen", "a multiaddr to listen at", each(&o.listen))
	flag.Func("dial", "a multiaddr to dial", each(&o.dial))
	flag.Func("relay", "a relay to be reached through", each(&o.relays))
	flag.Func("genesis", "the genesis hash in hex", bytes32(&o.genesis))
	flag.Func("seed", "the secret key of the identity in hex", bytes32(&o.seed))
	flag.Func("chain", "N[,SIZE]: blocks above the genesis block, and bytes of each proof", func(v string) (err error) {
		length, size, hasSize := strings.Cut(v, ",")
		if o.length, err = strconv.Atoi(length); err == nil && hasSize {
			o.proofSize, err = strconv.Atoi(size)
		}
		return err
	})
	flag.StringVar(&o.network, "network", "vibecoin-test", "the name of the network")
	flag.StringVar(&o.swarmKey, "swarm-key", "", "the file with the key of a private network")
	flag.IntVar(&o.serveLimit, "serve-limit", maxRange, "blocks of one answer")
	flag.IntVar(&o.version, "version", 1, "the protocol version of the handshake")
	flag.IntVar(&o.maxPeers, "max-peers", 64, "sessions at a time")
	flag.Func("ban", "a peer that is refused", func(v string) error {
		id, err := peer.Decode(v)
		o.banned = append(o.banned, id)
		return err
	})
	flag.Func("features", "the features that it offers, with a comma in between", func(v string) (err error) {
		o.features, err = parseFeatures(v)
		return err
	})
	flag.BoolVar(&o.relayServer, "relay-server", false, "be a relay with the library's limits")
	flag.BoolVar(&o.dht, "dht", false, "be a server of the network's DHT")
	flag.BoolVar(&o.follow, "follow", false, "fetch what other peers have above the chain of this one")
	flag.BoolVar(&o.decodeStdin, "decode-stdin", false, "say what each frame of standard input is")
	flag.BoolVar(&o.judgeStdin, "judge-stdin", false, "the same for many frames a second")
	flag.DurationVar(&o.yamuxPing, "yamux-ping", 0, "how often the muxer pings")
	flag.Parse()
	return o
}

func main() {
	o := parse()
	var err error
	switch {
	case o.decodeStdin:
		decodeVectors(os.Stdin)
	case o.judgeStdin:
		err = judgeAll(os.Stdin, os.Stdout)
	default:
		err = run(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(o *options) error {
	h, err := newHost(o)
	if err != nil {
		return err
	}
	info := NodeInfo{Version: uint32(o.version), Network: o.network, GenesisHash: o.genesis, UserAgent: "vibecoin-peer-go", Features: o.features}
	var addrs []string
	for _, addr := range listenAddresses(h) {
		info.ListenAddrs = append(info.ListenAddrs, addr.Bytes())
		addrs = append(addrs, addr.String()+"/p2p/"+h.ID().String())
	}
	n := newNode(h, newChain(o.genesis, o.length, o.proofSize), info, o)
	for _, relay := range o.relays {
		addr, err := reserve(h, relay)
		if err != nil {
			return err
		}
		addrs = append(addrs, addr)
	}
	var table *dht.IpfsDHT
	if o.dht {
		if table, err = joinDHT(h, o.network); err != nil {
			return err
		}
	}
	emit("started", object{"id": h.ID().String(), "addresses": addrs})
	for _, addr := range o.dial {
		if err := n.reach(addr); err != nil {
			return err
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	var running sync.WaitGroup
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return err
		}
		running.Go(func() { n.carryOut(&c, table) })
	}
	n.stop()
	return nil
}

var output sync.Mutex

// emit says something in one line.
func emit(event string, fields object) {
	fields["event"] = event
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	os.Stdout.Write(append(line, '\n'))
}
