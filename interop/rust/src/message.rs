//! Messages: encoding, and decoding as strictly as docs/protocol.md wants.

use crate::grammar::Walk;
use crate::wire::{Fault, Fields};
use bytes::{BufMut, Bytes, BytesMut};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

/// The types of `proto/vibecoin.proto`.
pub mod proto {
    #![allow(clippy::all)]
    include!(concat!(env!("OUT_DIR"), "/vibecoin.network.v1.rs"));
}

pub use proto::disconnect::Reason;
pub use proto::message::Body;

/// What says whether an item was met before: the SHA-256 of its bytes.
pub type Digest = [u8; 32];

/// The beginning of a digest, which names an item as well.
pub type Short = [u8; 16];

/// Additions to the protocol: bits of a handshake. A session uses those that both sides have.
pub const SHORT_DIGESTS: u64 = 1;
pub const COMPACT_BLOCKS: u64 = 2;
pub const PEERS: u64 = 4;

/// A longer text in a `Disconnect` is cut.
const MAX_DETAIL: usize = 256;

/// A message as it came.
#[derive(Debug)]
pub struct Incoming {
    pub request_id: u64,
    /// `None` where it is to be ignored.
    pub body: Option<Body>,
    /// The items in it, as the bytes that came: what a digest is made of, and what is sent on.
    pub items: Vec<Bytes>,
}

/// What is wrong with a message.
#[derive(Debug)]
pub enum Refusal {
    /// The peer has broken the protocol.
    Violation(Fault),
    /// The item is not used and not relayed. The peer may have relayed it in good faith.
    Item(Fault),
}

/// The fields of a message that are known in sessions with compact blocks alone.
const FEATURED: std::ops::RangeInclusive<u32> = 14..=16;

/// Decodes the body of a frame, in a session with compact blocks or without.
pub fn decode(frame: &Bytes, is_featured: bool) -> Result<Incoming, Refusal> {
    let walk = Walk::message(frame, is_featured).map_err(Refusal::Violation)?;
    if let Some(fault) = walk.refused {
        return Err(Refusal::Item(fault));
    }
    let known = if is_featured { frame.clone() } else { without_featured(frame) };
    let decoded = proto::Message::decode(known);
    // a message that has passed the grammar can be decoded
    let mut message = decoded.map_err(|error| Refusal::Violation(Fault::new(error.to_string())))?;
    match &mut message.body {
        Some(Body::RequestBlockRange(range)) if range.end_height < range.start_height => {
            return Err(Refusal::Violation(Fault::new("end_height below start_height")));
        }
        Some(Body::ResponseBlockRange(range)) if range.blocks.is_empty() && !range.last => {
            return Err(Refusal::Violation(Fault::new("a frame of a range with neither blocks nor last")));
        }
        Some(Body::CompactBlock(block)) if !ascend(block) => {
            return Err(Refusal::Violation(Fault::new("prefilled transactions that are out of order or out of range")));
        }
        Some(Body::Disconnect(disconnect)) => {
            // the accessor reads numbers that are not known as UNSPECIFIED
            disconnect.set_reason(disconnect.reason());
            disconnect.detail.truncate(disconnect.detail.floor_char_boundary(MAX_DETAIL));
        }
        _ => {}
    }
    Ok(Incoming { request_id: message.request_id, body: message.body, items: walk.items })
}

/// Whether each prefilled transaction comes after the one before, and is one of the block.
fn ascend(block: &proto::CompactBlock) -> bool {
    let count = block.short_ids.len() / 6 + block.prefilled.len();
    let indexes: Vec<usize> = block.prefilled.iter().map(|prefilled| prefilled.index as usize).collect();
    indexes.is_sorted_by(|a, b| a < b) && indexes.last().is_none_or(|last| *last < count)
}

/// The message without what is unknown in the session: prost knows it, and would take it for the body.
fn without_featured(frame: &Bytes) -> Bytes {
    let mut fields = Fields::new(frame);
    let mut out = BytesMut::new();
    loop {
        let start = frame.len() - fields.rest();
        match fields.next() {
            Ok(Some((number, _))) if FEATURED.contains(&number) => {}
            Ok(Some(_)) => out.put_slice(&frame[start..frame.len() - fields.rest()]),
            _ => return out.freeze(),
        }
    }
}

/// A whole frame, with its length.
pub fn frame(request_id: u64, body: Body) -> Bytes {
    proto::Message { request_id, body: Some(body) }.encode_length_delimited_to_vec().into()
}

/// A frame around an item, byte for byte: field `number` of the message has the item in its field 1.
fn item_frame(number: u32, item: &[u8]) -> Bytes {
    let wrapped = field_len(item);
    let body = 1 + prost::length_delimiter_len(wrapped) + wrapped;
    let mut out = BytesMut::with_capacity(body + 5);
    put_varint(&mut out, body);
    put_field(&mut out, number, wrapped);
    put_field(&mut out, 1, item.len());
    out.put_slice(item);
    out.freeze()
}

/// `NewBlock` with a block as it came.
pub fn new_block_frame(block: &[u8]) -> Bytes {
    item_frame(3, block)
}

/// `NewTransaction` with a transaction as it came.
pub fn new_transaction_frame(transaction: &[u8]) -> Bytes {
    item_frame(4, transaction)
}

/// The body of the frame of a `NewBlock`, as a session reads it.
pub fn new_block(block: &[u8]) -> Bytes {
    let frame = new_block_frame(block);
    let wrapped = field_len(block);
    frame.slice(frame.len() - 1 - prost::length_delimiter_len(wrapped) - wrapped..)
}

/// `ResponseBlock` with a block as it came.
pub fn response_block_frame(request_id: u64, block: Option<&Bytes>) -> Bytes {
    blocks_frame(request_id, 6, block.map_or(&[], std::slice::from_ref), false)
}

/// `ResponseBlockRange` with blocks as they came.
pub fn range_frame(request_id: u64, blocks: &[Bytes], last: bool) -> Bytes {
    blocks_frame(request_id, 8, blocks, last)
}

fn blocks_frame(request_id: u64, number: u32, blocks: &[Bytes], last: bool) -> Bytes {
    let inner = blocks.iter().map(|block| field_len(block)).sum::<usize>() + if last { 2 } else { 0 };
    let id = proto::Message { request_id, body: None }.encode_to_vec();
    let body = id.len() + 1 + prost::length_delimiter_len(inner) + inner;
    let mut out = BytesMut::with_capacity(body + 5);
    put_varint(&mut out, body);
    out.put_slice(&id);
    put_field(&mut out, number, inner);
    for block in blocks {
        put_field(&mut out, 1, block.len());
        out.put_slice(block);
    }
    if last {
        out.put_slice(&[0x10, 1]);
    }
    out.freeze()
}

/// How long a field is that has these bytes, with its tag and its length. The number is below 16.
pub fn field_len(bytes: &[u8]) -> usize {
    1 + prost::length_delimiter_len(bytes.len()) + bytes.len()
}

/// The tag and the length of a field.
pub fn put_field(out: &mut BytesMut, number: u32, length: usize) {
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, out);
    put_varint(out, length);
}

fn put_varint(out: &mut BytesMut, value: usize) {
    prost::encoding::encode_varint(value as u64, out);
}

/// `Want` of a whole item.
pub fn want_frame(digest: &Digest) -> Bytes {
    frame(0, Body::Want(proto::Want { digests: vec![Bytes::copy_from_slice(digest)], ..proto::Want::default() }))
}

/// `Disconnect` with a reason.
pub fn disconnect_frame(reason: Reason, detail: &str) -> Bytes {
    frame(0, Body::Disconnect(proto::Disconnect { reason: reason.into(), detail: detail.to_owned() }))
}

/// The digest of an item.
pub fn digest(item: &[u8]) -> Digest {
    Sha256::digest(item).into()
}

/// The beginning of a digest.
pub fn short(digest: &Digest) -> Short {
    let mut short = Short::default();
    short.copy_from_slice(&digest[..16]);
    short
}

/// The beginnings of digests that are one after the other.
pub fn shorts(bytes: &[u8]) -> impl Iterator<Item = Short> {
    bytes.as_chunks().0.iter().copied()
}

/// The name of a body's field in the schema.
pub fn name(body: &Body) -> &'static str {
    match body {
        Body::Handshake(_) => "handshake",
        Body::NewBlock(_) => "new_block",
        Body::NewTransaction(_) => "new_transaction",
        Body::RequestBlock(_) => "request_block",
        Body::ResponseBlock(_) => "response_block",
        Body::RequestBlockRange(_) => "request_block_range",
        Body::ResponseBlockRange(_) => "response_block_range",
        Body::Ping(_) => "ping",
        Body::Pong(_) => "pong",
        Body::Disconnect(_) => "disconnect",
        Body::Have(_) => "have",
        Body::Want(_) => "want",
        Body::CompactBlock(_) => "compact_block",
        Body::RequestTransactions(_) => "request_transactions",
        Body::ResponseTransactions(_) => "response_transactions",
        Body::RequestPeers(_) => "request_peers",
        Body::ResponsePeers(_) => "response_peers",
    }
}
