//! Items that travel about: what was met, what can be asked for, what was asked for.

use crate::grammar::MAX_DIGESTS;
use crate::message::Short;
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

#[derive(Default)]
pub struct Items {
    seen: HashSet<Short>,
    order: VecDeque<Short>,
    /// Frames of large items that a `Want` is answered with.
    kept: VecDeque<(Short, Bytes)>,
    /// Frames of small transactions, and since when they are there.
    pool: VecDeque<(Short, Bytes, Instant)>,
    wanted: HashMap<Short, Instant>,
}

impl Items {
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

    /// Keeps the frame of a large item.
    pub fn keep(&mut self, digest: Short, frame: Bytes) {
        self.kept.push_back((digest, frame));
        if self.kept.len() > MAX_KEPT {
            self.kept.pop_front();
        }
    }

    /// Keeps the frame of a small transaction.
    pub fn pool(&mut self, digest: Short, frame: Bytes) {
        self.pool.push_back((digest, frame, Instant::now()));
        if self.pool.len() > MAX_POOLED {
            self.pool.pop_front();
        }
    }

    /// The small transactions of the last minutes, the newest first.
    pub fn pooled(&self) -> Vec<Short> {
        let recent = self.pool.iter().rev().filter(|(_, _, since)| since.elapsed() < POOLED_FOR);
        recent.map(|(digest, ..)| *digest).take(MAX_DIGESTS).collect()
    }

    pub fn kept(&self, digest: &Short) -> Option<Bytes> {
        let large = self.kept.iter().find(|(kept, _)| kept == digest).map(|(_, frame)| frame);
        large.or_else(|| self.pool.iter().find(|(pooled, ..)| pooled == digest).map(|(_, frame, _)| frame)).cloned()
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
