//! Items that travel about: what was met, what can be asked for, what was asked for.

use crate::args::Item;
use crate::grammar::MAX_DIGESTS;
use crate::message::{self, Digest, Short};
use bytes::Bytes;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

/// An item of at least so many bytes is announced to most peers rather than sent.
pub const LARGE: usize = 16 * 1024;
const MAX_SEEN: usize = 65_536;
const MAX_KEPT: usize = 64;
/// Small transactions, for those who ask for them and for those who come.
const MAX_POOLED: usize = 4096;
const POOLED_FOR: Duration = Duration::from_secs(120);
/// After this another announcer may be asked.
const WANT_TIMEOUT: Duration = Duration::from_secs(2);

/// An item that peers can have.
#[derive(Clone)]
pub struct Kept {
    pub kind: Item,
    pub digest: Digest,
    /// The item as it came.
    pub bytes: Bytes,
}

impl Kept {
    pub fn is_large_block(&self) -> bool {
        self.kind == Item::Block && self.bytes.len() >= LARGE
    }

    /// The frame that sends it whole.
    pub fn frame(&self) -> Bytes {
        if self.kind == Item::Block { message::new_block_frame(&self.bytes) } else { message::new_transaction_frame(&self.bytes) }
    }
}

#[derive(Default)]
pub struct Items {
    seen: HashSet<Short>,
    order: VecDeque<Short>,
    /// Large items.
    kept: VecDeque<Kept>,
    /// Small transactions, and since when they are there.
    pool: VecDeque<(Kept, Instant)>,
    wanted: HashMap<Short, Instant>,
}

impl Items {
    /// Whether it was met before.
    pub fn has_met(&self, digest: &Short) -> bool {
        self.seen.contains(digest)
    }

    /// Whether it is met for the first time; it is no more.
    pub fn meet(&mut self, digest: Short) -> bool {
        self.wanted.remove(&digest);
        let is_new = self.seen.insert(digest);
        if is_new {
            self.order.push_back(digest);
            if self.order.len() > MAX_SEEN
                && let Some(oldest) = self.order.pop_front()
            {
                self.seen.remove(&oldest);
            }
        }
        is_new
    }

    /// Keeps a large item.
    pub fn keep(&mut self, item: Kept) {
        self.kept.push_back(item);
        if self.kept.len() > MAX_KEPT {
            self.kept.pop_front();
        }
    }

    /// Keeps a small transaction.
    pub fn pool(&mut self, item: Kept) {
        self.pool.push_back((item, Instant::now()));
        if self.pool.len() > MAX_POOLED {
            self.pool.pop_front();
        }
    }

    /// The small transactions of the last minutes, the newest first.
    pub fn pooled(&self) -> Vec<Short> {
        let recent = self.pool.iter().rev().filter(|(_, since)| since.elapsed() < POOLED_FOR);
        recent.map(|(item, _)| message::short(&item.digest)).take(MAX_DIGESTS).collect()
    }

    /// What is there of an item, by the beginning of its digest.
    pub fn kept(&self, digest: &Short) -> Option<&Kept> {
        self.all().find(|item| item.digest.starts_with(digest))
    }

    /// The transactions that are there, with their digests.
    pub fn transactions(&self) -> impl Iterator<Item = (Digest, Bytes)> {
        self.all().filter(|item| item.kind == Item::Transaction).map(|item| (item.digest, item.bytes.clone()))
    }

    fn all(&self) -> impl Iterator<Item = &Kept> {
        self.kept.iter().chain(self.pool.iter().map(|(item, _)| item))
    }

    /// Which of the digests that a peer has announced to ask it for now.
    pub fn want(&mut self, announced: &[Short]) -> Vec<Short> {
        let now = Instant::now();
        self.wanted.retain(|_, asked| now - *asked < WANT_TIMEOUT);
        let missing = announced.iter().filter(|digest| !self.seen.contains(*digest) && !self.wanted.contains_key(*digest));
        let missing: Vec<Short> = missing.copied().collect();
        self.wanted.extend(missing.iter().map(|digest| (*digest, now)));
        missing
    }
}
