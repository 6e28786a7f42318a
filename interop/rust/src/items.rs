//! Items that travel about: what was met, what can be asked for, what was asked for.

use crate::message::Digest;
use bytes::Bytes;
use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

/// An item of at least so many bytes is announced to most peers rather than sent.
pub const LARGE: usize = 16 * 1024;
const MAX_SEEN: usize = 65_536;
const MAX_KEPT: usize = 64;
/// After this another announcer may be asked.
const WANT_TIMEOUT: Duration = Duration::from_secs(2);

#[derive(Default)]
pub struct Items {
    seen: HashSet<Digest>,
    order: VecDeque<Digest>,
    /// Frames of large items that a `Want` is answered with.
    kept: VecDeque<(Digest, Bytes)>,
    wanted: HashMap<Digest, Instant>,
}

impl Items {
    /// Whether it is met for the first time; it is no more.
    pub fn meet(&mut self, digest: Digest) -> bool {
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
    pub fn keep(&mut self, digest: Digest, frame: Bytes) {
        self.kept.push_back((digest, frame));
        if self.kept.len() > MAX_KEPT {
            self.kept.pop_front();
        }
    }

    pub fn kept(&self, digest: &Digest) -> Option<Bytes> {
        self.kept.iter().find(|(kept, _)| kept == digest).map(|(_, frame)| frame.clone())
    }

    /// Which of the digests that a peer has announced to ask it for now.
    pub fn want(&mut self, announced: &[Digest]) -> Vec<Digest> {
        let now = Instant::now();
        self.wanted.retain(|_, asked| now - *asked < WANT_TIMEOUT);
        let missing = announced.iter().filter(|digest| !self.seen.contains(*digest) && !self.wanted.contains_key(*digest));
        let missing: Vec<Digest> = missing.copied().collect();
        self.wanted.extend(missing.iter().map(|digest| (*digest, now)));
        missing
    }
}
