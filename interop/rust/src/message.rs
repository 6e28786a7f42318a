//! Messages: encoding, and decoding as strictly as docs/protocol.md wants.

use crate::grammar::Walk;
use crate::wire::Fault;
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

/// Decodes the body of a frame.
pub fn decode(frame: &Bytes) -> Result<Incoming, Refusal> {
    let walk = Walk::message(frame).map_err(Refusal::Violation)?;
    if let Some(fault) = walk.refused {
        return Err(Refusal::Item(fault));
    }
    let decoded = proto::Message::decode(frame.clone());
    // a message that has passed the grammar can be decoded
    let mut message = decoded.map_err(|error| Refusal::Violation(Fault::new(error.to_string())))?;
    match &mut message.body {
        Some(Body::RequestBlockRange(range)) if range.end_height < range.start_height => {
            return Err(Refusal::Violation(Fault::new("end_height below start_height")));
        }
        Some(Body::ResponseBlockRange(range)) if range.blocks.is_empty() && !range.last => {
            return Err(Refusal::Violation(Fault::new("a frame of a range with neither blocks nor last")));
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

/// A whole frame, with its length.
pub fn frame(request_id: u64, body: Body) -> Bytes {
    proto::Message { request_id, body: Some(body) }.encode_length_delimited_to_vec().into()
}

/// A frame around an item, byte for byte: field `number` of the message has the item in its field 1.
fn item_frame(number: u32, item: &[u8]) -> Bytes {
    let wrapped = 1 + prost::length_delimiter_len(item.len()) + item.len();
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

/// `ResponseBlock` with a block as it came.
pub fn response_block_frame(request_id: u64, block: Option<&Bytes>) -> Bytes {
    blocks_frame(request_id, 6, block.map_or(&[], std::slice::from_ref), false)
}

/// `ResponseBlockRange` with blocks as they came.
pub fn range_frame(request_id: u64, blocks: &[Bytes], last: bool) -> Bytes {
    blocks_frame(request_id, 8, blocks, last)
}

fn blocks_frame(request_id: u64, number: u32, blocks: &[Bytes], last: bool) -> Bytes {
    let field = |block: &Bytes| 1 + prost::length_delimiter_len(block.len()) + block.len();
    let inner = blocks.iter().map(field).sum::<usize>() + if last { 2 } else { 0 };
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

fn put_field(out: &mut BytesMut, number: u32, length: usize) {
    prost::encoding::encode_key(number, prost::encoding::WireType::LengthDelimited, out);
    put_varint(out, length);
}

fn put_varint(out: &mut BytesMut, value: usize) {
    prost::encoding::encode_varint(value as u64, out);
}

/// `Disconnect` with a reason.
pub fn disconnect_frame(reason: Reason, detail: &str) -> Bytes {
    frame(0, Body::Disconnect(proto::Disconnect { reason: reason.into(), detail: detail.to_owned() }))
}

/// The digest of an item.
pub fn digest(item: &[u8]) -> Digest {
    Sha256::digest(item).into()
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
    }
}
