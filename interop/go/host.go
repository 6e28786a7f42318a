package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p"
	dht "github.com/libp2p/go-libp2p-kad-dht"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/pnet"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/muxer/yamux"
	"github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/client"
	relayserver "github.com/libp2p/go-libp2p/p2p/protocol/circuitv2/relay"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/p2p/transport/websocket"
	ma "github.com/multiformats/go-multiaddr"
)

// newHost makes a libp2p host of TCP and WebSocket, Noise and Yamux.
func newHost(o *options) (host.Host, error) {
	muxer := *yamux.DefaultTransport
	if o.yamuxPing > 0 {
		muxer.KeepAliveInterval = o.yamuxPing
		muxer.MeasureRTTInterval = o.yamuxPing
	}
	settings := []libp2p.Option{
		libp2p.ListenAddrStrings(o.listen...),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Transport(websocket.New),
		libp2p.Security(noise.ID, noise.New),
		libp2p.Muxer(yamux.ID, &muxer),
		libp2p.DisableMetrics(),
	}
	if len(o.listen) == 0 {
		settings[0] = libp2p.NoListenAddrs
		settings = append(settings, libp2p.EnableRelay())
	}
	if o.seed != nil {
		key, err := crypto.UnmarshalEd25519PrivateKey(ed25519.NewKeyFromSeed(o.seed))
		if err != nil {
			return nil, err
		}
		settings = append(settings, libp2p.Identity(key))
	}
	if o.swarmKey != "" {
		file, err := os.Open(o.swarmKey)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		key, err := pnet.DecodeV1PSK(file)
		if err != nil {
			return nil, err
		}
		settings = append(settings, libp2p.PrivateNetwork(key))
	}
	h, err := libp2p.New(settings...)
	if err == nil && o.relayServer {
		_, err = relayserver.New(h)
	}
	return h, err
}

// reserve takes a place at a relay, renews it, and returns the address that this leads to.
func reserve(h host.Host, addr string) (string, error) {
	relay, err := peer.AddrInfoFromString(addr)
	if err != nil {
		return "", err
	}
	if _, err := client.Reserve(context.Background(), h, *relay); err != nil {
		return "", err
	}
	go func() {
		for range time.Tick(10 * time.Minute) {
			client.Reserve(context.Background(), h, *relay)
		}
	}()
	return addr + "/p2p-circuit/p2p/" + h.ID().String(), nil
}

// joinDHT makes this peer a server of the network's DHT: /vibecoin/<network>/kad/1.0.0.
func joinDHT(h host.Host, network string) (*dht.IpfsDHT, error) {
	return dht.New(h, dht.Mode(dht.ModeServer), dht.ProtocolPrefix(protocol.ID("/vibecoin/"+percentEncoded(network))))
}

// percentEncoded does what encodeURIComponent does. url.PathEscape leaves more characters as they are, url.QueryEscape makes a space a plus.
func percentEncoded(text string) string {
	var out strings.Builder
	for _, b := range []byte(text) {
		isPlain := b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-_.!~*'()", b) >= 0
		if isPlain {
			out.WriteByte(b)
		} else {
			fmt.Fprintf(&out, "%%%02X", b)
		}
	}
	return out.String()
}

// listenAddresses are those that this host listens at. go-libp2p counts /p2p-circuit among them.
func listenAddresses(h host.Host) []ma.Multiaddr {
	return slices.DeleteFunc(h.Network().ListenAddresses(), func(addr ma.Multiaddr) bool {
		_, err := addr.ValueForProtocol(ma.P_CIRCUIT)
		return err == nil
	})
}
