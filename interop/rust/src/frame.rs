//! Frames: a length and that many bytes.

use crate::wire::Fault;
use bytes::{Buf, Bytes, BytesMut};
use futures::{AsyncRead, AsyncReadExt};
use std::io;
use std::time::Duration;
use tokio::time::Instant;

pub const MAX_FRAME: usize = 4 * 1024 * 1024;
/// Until the handshake of the sender was accepted.
pub const MAX_FIRST_FRAME: usize = 4096;
/// How long a frame may take from its first byte to its last.
const FRAME_TIMEOUT: Duration = Duration::from_secs(30);
const CHUNK: usize = 64 * 1024;

/// What reading gave instead of a frame.
#[derive(Debug)]
pub enum End {
    Violation(Fault),
    /// The rest of a frame did not come.
    Timeout,
    /// The other side has ended its side, or the connection broke.
    Lost(Option<io::Error>),
}

/// The length at the beginning of `input`, and how many bytes it has; `None` where more are needed.
///
/// It is refused as soon as it is read, before any of the body is waited for.
pub fn length(input: &[u8], max: usize) -> Result<Option<(usize, usize)>, Fault> {
    let mut value = 0u64;
    for (index, byte) in input.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 != 0 {
            continue;
        }
        if index > 0 && *byte == 0 {
            return Err(Fault::new("a length that is not in its shortest form"));
        }
        return match usize::try_from(value) {
            Ok(0) => Err(Fault::new("a frame of length 0")),
            Ok(length) if length <= max => Ok(Some((length, index + 1))),
            _ => Err(Fault::new(format!("a frame of {value} bytes"))),
        };
    }
    if input.len() >= 5 { Err(Fault::new("a length of more than five bytes")) } else { Ok(None) }
}

/// Reads frames from a stream. [`FrameReader::next`] may be cancelled: nothing of a frame is lost.
pub struct FrameReader<R> {
    stream: R,
    buffer: BytesMut,
    chunk: Box<[u8]>,
    /// The bytes that a frame may have.
    pub max: usize,
    begun: Option<Instant>,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    pub fn new(stream: R, max: usize) -> Self {
        Self { stream, buffer: BytesMut::new(), chunk: vec![0; CHUNK].into(), max, begun: None }
    }

    /// The body of the next frame.
    pub async fn next(&mut self) -> Result<Bytes, End> {
        loop {
            if let Some(frame) = self.buffered().map_err(End::Violation)? {
                return Ok(frame);
            }
            let deadline = self.begun.map(|begun| begun + FRAME_TIMEOUT);
            let read = self.stream.read(&mut self.chunk);
            let count = match deadline {
                Some(deadline) => tokio::time::timeout_at(deadline, read).await.map_err(|_| End::Timeout)?,
                None => read.await,
            };
            match count {
                Ok(0) => return Err(End::Lost(None)),
                Ok(count) => self.buffer.extend_from_slice(&self.chunk[..count]),
                Err(error) => return Err(End::Lost(Some(error))),
            }
        }
    }

    fn buffered(&mut self) -> Result<Option<Bytes>, Fault> {
        if let Some((length, head)) = length(&self.buffer, self.max)?
            && self.buffer.len() >= head + length
        {
            self.buffer.advance(head);
            self.begun = None;
            return Ok(Some(self.buffer.split_to(length).freeze()));
        }
        if !self.buffer.is_empty() && self.begun.is_none() {
            self.begun = Some(Instant::now());
        }
        Ok(None)
    }
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// Reads until the other side has ended its side.
    pub async fn discard(&mut self) {
        while matches!(self.stream.read(&mut self.chunk).await, Ok(count) if count > 0) {}
    }
}
