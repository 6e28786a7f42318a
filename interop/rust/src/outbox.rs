//! What waits to be sent to a peer.

use bytes::Bytes;
use futures::{AsyncWrite, AsyncWriteExt};
use std::collections::VecDeque;
use std::io;
use std::sync::Mutex;
use tokio::sync::Notify;

/// More than this may not wait for a peer.
const MAX_QUEUED: usize = 8 * 1024 * 1024;
/// While more than this waits, nothing is read from the chain, and transactions are dropped.
pub const MUCH: usize = 1024 * 1024;

#[derive(Default)]
struct Queue {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// Nothing more is taken.
    is_ended: bool,
}

/// A queue of frames with a last one.
#[derive(Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    /// Frames were added, or the end was.
    added: Notify,
    /// Frames were sent.
    sent: Notify,
}

impl Outbox {
    /// Adds a frame; `false` where too much waits already.
    pub fn push(&self, frame: Bytes) -> bool {
        let mut queue = self.queue.lock().unwrap();
        if queue.is_ended {
            return true;
        }
        queue.bytes += frame.len();
        queue.frames.push_back(frame);
        self.added.notify_one();
        queue.bytes <= MAX_QUEUED
    }

    /// Adds the last frame, in place of everything that waits.
    pub fn end(&self, last: Option<Bytes>) {
        self.queue.lock().unwrap().frames.clear();
        self.finish(last);
    }

    /// Adds the last frame, after everything that waits. Where there is one already, nothing happens.
    pub fn finish(&self, last: Option<Bytes>) {
        let mut queue = self.queue.lock().unwrap();
        if !queue.is_ended {
            queue.frames.extend(last);
            queue.is_ended = true;
        }
        self.added.notify_one();
        self.sent.notify_waiters();
    }

    /// How much waits.
    pub fn queued(&self) -> usize {
        self.queue.lock().unwrap().bytes
    }

    /// Waits until little waits; `false` when the session ends.
    pub async fn has_room(&self) -> bool {
        loop {
            let sent = self.sent.notified();
            tokio::pin!(sent);
            sent.as_mut().enable();
            {
                let queue = self.queue.lock().unwrap();
                if queue.is_ended || queue.bytes <= MUCH {
                    return !queue.is_ended;
                }
            }
            sent.await;
        }
    }

    /// Sends what is added until the last frame was sent, then closes this side of the stream.
    pub async fn drain(&self, mut stream: impl AsyncWrite + Unpin) -> io::Result<()> {
        loop {
            let (frame, is_ended) = {
                let mut queue = self.queue.lock().unwrap();
                (queue.frames.pop_front(), queue.is_ended)
            };
            match frame {
                Some(frame) => {
                    stream.write_all(&frame).await?;
                    let mut queue = self.queue.lock().unwrap();
                    queue.bytes = queue.bytes.saturating_sub(frame.len());
                    self.sent.notify_waiters();
                }
                None if is_ended => return stream.close().await,
                None => {
                    stream.flush().await?;
                    self.added.notified().await;
                }
            }
        }
    }
}
