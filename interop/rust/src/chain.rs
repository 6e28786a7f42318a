//! A chain in memory, the same in every language: see interop/README.md.

use crate::message::proto::Block;
use bytes::Bytes;
use prost::Message as _;
use sha2::{Digest as _, Sha256};

/// A frame of a range holds so many bytes of blocks, or one block.
const RANGE_FRAME: usize = 256 * 1024;
/// One answer holds so many bytes of blocks, or one block.
const RANGE_ANSWER: usize = 8 * 1024 * 1024;

pub struct Chain {
    /// Hashes, and blocks as the bytes that came, by height.
    blocks: Vec<(Bytes, Bytes)>,
    pub tip_hash: Bytes,
}

impl Chain {
    /// The genesis block, and `length` blocks above it.
    pub fn new(genesis: &Bytes, length: u64, proof_size: usize) -> Self {
        let first = Block {
            hash: genesis.clone(),
            prev_hash: Bytes::from_static(&[0; 32]),
            state_root: Bytes::from_static(&[0; 32]),
            ..Block::default()
        };
        let mut chain = Self { blocks: vec![(genesis.clone(), first.encode_to_vec().into())], tip_hash: genesis.clone() };
        for _ in 0..length {
            let block = chain.next(proof_size);
            let bytes = block.encode_to_vec().into();
            chain.append(&block, bytes);
        }
        chain
    }

    pub fn height(&self) -> u64 {
        self.blocks.len() as u64 - 1
    }

    pub fn get(&self, height: u64) -> Option<&Bytes> {
        self.blocks.get(usize::try_from(height).ok()?).map(|(_, bytes)| bytes)
    }

    /// A block on top of it.
    pub fn next(&self, proof_size: usize) -> Block {
        let height = self.height() + 1;
        let hash: [u8; 32] = Sha256::new().chain_update(&self.tip_hash).chain_update(height.to_be_bytes()).finalize().into();
        Block {
            height,
            hash: Bytes::copy_from_slice(&hash),
            prev_hash: self.tip_hash.clone(),
            timestamp: height,
            state_root: Bytes::from_static(&[0; 32]),
            transactions: Vec::new(),
            proof: vec![7; proof_size].into(),
        }
    }

    /// Whether it has this block.
    pub fn has(&self, block: &Block) -> bool {
        usize::try_from(block.height).is_ok_and(|height| self.blocks.get(height).is_some_and(|(hash, _)| *hash == block.hash))
    }

    /// Appends a block if it follows the last one.
    pub fn append(&mut self, block: &Block, bytes: Bytes) -> bool {
        let fits = block.height == self.height() + 1 && block.prev_hash == self.tip_hash;
        if fits {
            self.tip_hash = block.hash.clone();
            self.blocks.push((block.hash.clone(), bytes));
        }
        fits
    }

    /// The frames of the answer to a range request: the blocks of each.
    pub fn range(&self, start: u64, end: u64, max_blocks: u64) -> Vec<Vec<Bytes>> {
        let mut frames: Vec<Vec<Bytes>> = Vec::new();
        let (mut frame_bytes, mut answer_bytes) = (0, 0);
        for height in start..=end.min(start.saturating_add(max_blocks - 1)) {
            let Some(block) = self.get(height) else { break };
            if answer_bytes > 0 && answer_bytes + block.len() > RANGE_ANSWER {
                break;
            }
            answer_bytes += block.len();
            match frames.last_mut() {
                Some(frame) if frame_bytes + block.len() <= RANGE_FRAME => frame.push(block.clone()),
                _ => {
                    frame_bytes = 0;
                    frames.push(vec![block.clone()]);
                }
            }
            frame_bytes += block.len();
        }
        frames
    }
}
