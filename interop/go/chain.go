package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// Chain is a chain of blocks in memory. The protocol looks at heights and links alone.
type Chain struct {
	mu     sync.Mutex
	blocks []*Block
}

// newChain makes the chain that interop/README.md describes: the same in every language.
func newChain(genesis []byte, length, proofSize int) *Chain {
	c := &Chain{blocks: []*Block{{Hash: genesis, Prev: make([]byte, 32), StateRoot: make([]byte, 32)}}}
	proof := bytes.Repeat([]byte{7}, proofSize)
	for range length {
		c.blocks = append(c.blocks, c.next(proof))
	}
	return c
}

// next makes the block that follows the tip. Its bytes are made when they are needed.
func (c *Chain) next(proof []byte) *Block {
	tip := c.blocks[len(c.blocks)-1]
	height := tip.Height + 1
	hash := sha256.Sum256(binary.BigEndian.AppendUint64(bytes.Clone(tip.Hash), height))
	return &Block{Height: height, Hash: hash[:], Prev: tip.Hash, Timestamp: height, StateRoot: make([]byte, 32), Proof: proof}
}

// make makes a block and appends it.
func (c *Chain) make(proof []byte) *Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	block := c.next(proof)
	block.Raw = block.encode()
	c.blocks = append(c.blocks, block)
	return block
}

func (c *Chain) tip() *Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.blocks[len(c.blocks)-1]
}

// at returns the block of a height with its bytes, or nil.
func (c *Chain) at(height uint64) *Block {
	c.mu.Lock()
	defer c.mu.Unlock()
	if height >= uint64(len(c.blocks)) {
		return nil
	}
	block := *c.blocks[height]
	if block.Raw == nil {
		block.Raw = block.encode()
	}
	return &block
}

// append takes a block that follows the tip, and says whether this one does, or is there already.
func (c *Chain) append(block *Block) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if block.Height < uint64(len(c.blocks)) {
		return bytes.Equal(c.blocks[block.Height].Hash, block.Hash)
	}
	if !follows(c.blocks[len(c.blocks)-1], block) {
		return false
	}
	c.blocks = append(c.blocks, block)
	return true
}

func follows(parent, child *Block) bool {
	return child.Height == parent.Height+1 && bytes.Equal(child.Prev, parent.Hash)
}
