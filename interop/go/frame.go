package main

import (
	"bufio"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

const (
	maxFrame          = 4 << 20 // of a message
	maxHandshakeFrame = 4 << 10 // until the handshake of the sender has been accepted
)

// A violation is what ends a session with PROTOCOL_VIOLATION.
type violation struct{ why string }

func (v violation) Error() string { return v.why }

func violated(format string, args ...any) error {
	return violation{fmt.Sprintf(format, args...)}
}

// readFrame returns the body of the next frame. It refuses a length when the byte that is wrong
// has been read. It calls began after the first byte of the frame.
func readFrame(r *bufio.Reader, limit int, began func()) ([]byte, error) {
	length, err := readLength(r, limit, began)
	if err != nil {
		return nil, err
	}
	body := make([]byte, length)
	_, err = io.ReadFull(r, body)
	return body, err
}

func readLength(r *bufio.Reader, limit int, began func()) (int, error) {
	length := 0
	for i := range 5 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		if i == 0 {
			began()
		}
		length |= int(b&0x7f) << (7 * i)
		switch {
		case b >= 0x80:
			continue
		case length == 0 && i == 0:
			return 0, violated("an empty frame")
		case b == 0:
			return 0, violated("a length that is not in its shortest form")
		case length > limit:
			return 0, violated("a frame of over %d bytes", limit)
		}
		return length, nil
	}
	return 0, violated("a length of more than five bytes")
}

// frame puts the length in front of a message.
func frame(message []byte) []byte {
	return append(protowire.AppendVarint(make([]byte, 0, len(message)+5), uint64(len(message))), message...)
}
