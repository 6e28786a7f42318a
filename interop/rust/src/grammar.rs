//! The grammar of docs/protocol.md, which prost does not keep to by itself: one table for each message.
//!
//! [`Walk::message`] checks a message byte by byte. What has passed prost decodes without surprises: there is no second body that it would
//! merge into the first, no number that it would cut off.

use crate::wire::{Fault, Fields, Value};
use bytes::Bytes;

pub const MAX_HEIGHT: u64 = (1 << 53) - 1;
pub const MAX_DIGESTS: usize = 512;
const MAX_ADDRESSES: usize = 16;
const MAX_ADDRESS_BYTES: usize = 192;
const HASH_BYTES: usize = 32;
const SHORT_DIGEST_BYTES: usize = 16;
/// A block or transaction, encoded.
pub const MAX_ITEM: usize = 4095 * 1024;

/// What a field holds, and its bound.
enum Kind {
    Uint64,
    Uint32,
    /// Also a timestamp.
    Height,
    Bool,
    Fixed32,
    /// A number that is not known reads as 0.
    Reason,
    /// Exactly 32 bytes, and never absent.
    Hash,
    Bytes,
    Text(usize),
    /// Text that is cut, not refused.
    Detail,
    Addresses,
    Digests,
    /// The first bytes of digests, one after the other.
    ShortDigests,
    /// Exactly one.
    Required(&'static Schema),
    /// At most one.
    Optional(&'static Schema),
    Many(&'static Schema),
    /// Exactly one block or transaction, which is refused by itself.
    Item(&'static Schema),
    /// At most one block or transaction that the peer vouches for.
    OneItem(&'static Schema),
    ManyItems(&'static Schema),
    /// At most one of all of its kind.
    Body(&'static Schema),
}

/// The fields of a message: number, name and what they hold.
type Schema = [(u32, &'static str, Kind)];

use Kind::*;

const MESSAGE: &Schema = &[
    (1, "request_id", Uint64),
    (2, "handshake", Body(HANDSHAKE)),
    (3, "new_block", Body(NEW_BLOCK)),
    (4, "new_transaction", Body(NEW_TRANSACTION)),
    (5, "request_block", Body(REQUEST_BLOCK)),
    (6, "response_block", Body(RESPONSE_BLOCK)),
    (7, "request_block_range", Body(REQUEST_BLOCK_RANGE)),
    (8, "response_block_range", Body(RESPONSE_BLOCK_RANGE)),
    (9, "ping", Body(PING)),
    (10, "pong", Body(PING)),
    (11, "disconnect", Body(DISCONNECT)),
    (12, "have", Body(HAVE)),
    (13, "want", Body(WANT)),
];
const HANDSHAKE: &Schema = &[(1, "node", Required(NODE_INFO))];
const NODE_INFO: &Schema = &[
    (1, "protocol_version", Uint32),
    (2, "network", Text(64)),
    (3, "genesis_hash", Hash),
    (4, "node_id", Text(64)),
    (5, "user_agent", Text(256)),
    (6, "listen_addrs", Addresses),
    (7, "best_height", Height),
    (8, "best_hash", Hash),
    (9, "min_protocol_version", Uint32),
    (10, "features", Uint64),
    (11, "lowest_height", Height),
    (12, "fork_id", Optional(FORK_ID)),
];
const FORK_ID: &Schema = &[(1, "hash", Fixed32), (2, "next", Height)];
const TRANSACTION: &Schema = &[
    (1, "id", Hash),
    (2, "sender", Hash),
    (3, "recipient", Hash),
    (4, "value", Uint64),
    (5, "nonce", Uint64),
    (6, "gas_price", Uint64),
    (7, "gas_limit", Uint64),
    (8, "data", Bytes),
    (9, "signature", Bytes),
];
const BLOCK: &Schema = &[
    (1, "height", Height),
    (2, "hash", Hash),
    (3, "prev_hash", Hash),
    (4, "timestamp", Height),
    (5, "state_root", Hash),
    (6, "transactions", Many(TRANSACTION)),
    (7, "proof", Bytes),
];
const NEW_BLOCK: &Schema = &[(1, "block", Item(BLOCK))];
const NEW_TRANSACTION: &Schema = &[(1, "transaction", Item(TRANSACTION))];
const REQUEST_BLOCK: &Schema = &[(1, "height", Height)];
const RESPONSE_BLOCK: &Schema = &[(1, "block", OneItem(BLOCK))];
const REQUEST_BLOCK_RANGE: &Schema = &[(1, "start_height", Height), (2, "end_height", Height)];
const RESPONSE_BLOCK_RANGE: &Schema = &[(1, "blocks", ManyItems(BLOCK)), (2, "last", Bool)];
const PING: &Schema = &[(1, "nonce", Uint64), (2, "best_height", Height)];
const HAVE: &Schema = &[(1, "digests", Digests), (2, "short_digests", ShortDigests)];
const WANT: &Schema = &[(1, "digests", Digests), (2, "short_digests", ShortDigests), (3, "compact", Bool)];
const DISCONNECT: &Schema = &[(1, "reason", Reason), (2, "detail", Detail)];

/// What a walk over a message has found.
#[derive(Default)]
pub struct Walk {
    /// The blocks and transactions directly in the body, as the bytes that came.
    pub items: Vec<Bytes>,
    /// Why the item of a `NewBlock` or `NewTransaction` is refused. The message around it is in order.
    pub refused: Option<Fault>,
}

impl Walk {
    /// Walks over the body of a frame.
    pub fn message(body: &Bytes) -> Result<Self, Fault> {
        let mut walk = Self::default();
        walk.fields(MESSAGE, body, body)?;
        Ok(walk)
    }

    fn fields(&mut self, schema: &'static Schema, input: &[u8], frame: &Bytes) -> Result<(), Fault> {
        // how often each field came, by its place in the table
        let mut counts = [0usize; 16];
        let mut bodies = 0;
        let mut fields = Fields::new(input);
        while let Some((number, value)) = fields.next()? {
            let Some(place) = schema.iter().position(|(known, ..)| *known == number) else { continue };
            let (_, name, kind) = &schema[place];
            counts[place] += 1;
            bodies += usize::from(matches!(kind, Body(_)));
            let checked = self.field(kind, value, frame).and_then(|()| check_count(kind, counts[place]));
            checked.map_err(|fault| named(&fault, name))?;
        }
        if bodies > 1 {
            return Err(Fault::new("two bodies"));
        }
        let absent = schema.iter().zip(counts).find(|((.., kind), count)| *count == 0 && is_required(kind));
        absent.map_or(Ok(()), |((_, name, _), _)| Err(named(&Fault::new("is absent"), name)))
    }

    fn field(&mut self, kind: &'static Kind, value: Value<'_>, frame: &Bytes) -> Result<(), Fault> {
        match (kind, value) {
            (Uint64 | Uint32 | Height | Bool | Reason, Value::Varint(value)) => check_number(kind, value),
            (Hash | Bytes | Text(_) | Detail | Addresses | Digests | ShortDigests, Value::Bytes(bytes)) => check_bytes(kind, bytes),
            (Fixed32, Value::Fixed32) => Ok(()),
            (Required(schema) | Optional(schema) | Many(schema) | Body(schema), Value::Bytes(input)) => self.fields(schema, input, frame),
            (Item(schema), Value::Bytes(input)) => {
                // it is the fault of whoever made it, not of the peer that relays it
                self.refused = self.item(schema, input, frame).err();
                Ok(())
            }
            (OneItem(schema) | ManyItems(schema), Value::Bytes(input)) => self.item(schema, input, frame),
            _ => Err(Fault::new("another wire type")),
        }
    }

    fn item(&mut self, schema: &'static Schema, input: &[u8], frame: &Bytes) -> Result<(), Fault> {
        self.items.push(frame.slice_ref(input));
        if input.len() > MAX_ITEM {
            return Err(Fault::new(format!("an item of {} bytes", input.len())));
        }
        self.fields(schema, input, frame)
    }
}

fn named(fault: &Fault, name: &str) -> Fault {
    Fault::new(format!("{name}: {}", fault.why))
}

fn is_required(kind: &Kind) -> bool {
    matches!(kind, Hash | Required(_) | Item(_))
}

fn check_number(kind: &Kind, value: u64) -> Result<(), Fault> {
    let is_valid = match kind {
        Uint32 => value <= u64::from(u32::MAX),
        Height => value <= MAX_HEIGHT,
        Bool => value <= 1,
        // as an int32: negative ones have 64 bits on the wire
        Reason => i32::try_from(value.cast_signed()).is_ok(),
        _ => true,
    };
    if is_valid { Ok(()) } else { Err(Fault::new(format!("{value} is too much"))) }
}

fn check_bytes(kind: &Kind, bytes: &[u8]) -> Result<(), Fault> {
    let max = match kind {
        Hash | Digests if bytes.len() != HASH_BYTES => return Err(Fault::new(format!("{} bytes, not 32", bytes.len()))),
        ShortDigests if bytes.len() % SHORT_DIGEST_BYTES != 0 => return Err(Fault::new(format!("{} bytes of short digests", bytes.len()))),
        ShortDigests => MAX_DIGESTS * SHORT_DIGEST_BYTES,
        Addresses => MAX_ADDRESS_BYTES,
        Text(max) => *max,
        _ => usize::MAX,
    };
    if matches!(kind, Text(_) | Detail) && std::str::from_utf8(bytes).is_err() {
        return Err(Fault::new("no UTF-8"));
    }
    if bytes.len() > max { Err(Fault::new(format!("{} bytes", bytes.len()))) } else { Ok(()) }
}

fn check_count(kind: &Kind, count: usize) -> Result<(), Fault> {
    let max = match kind {
        Required(_) | Optional(_) | Item(_) | OneItem(_) => 1,
        Addresses => MAX_ADDRESSES,
        Digests => MAX_DIGESTS,
        _ => usize::MAX,
    };
    if count > max { Err(Fault::new(format!("more than {max}"))) } else { Ok(()) }
}
