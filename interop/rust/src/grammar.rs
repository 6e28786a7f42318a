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
const MAX_RECORD_BYTES: usize = 1024;
const SHORT_ID_BYTES: usize = 6;
pub const SHORT_DIGEST_BYTES: usize = 16;
/// Three hashes, each with its tag and length.
pub const MIN_TRANSACTION_BYTES: usize = 102;
pub const MAX_PEERS: usize = 64;
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
    /// The beginnings of digests, one after the other.
    ShortDigests,
    /// Short ids of transactions, one after the other.
    ShortIds,
    /// Packed numbers of 32 bits that ascend; at most once.
    Indexes,
    /// Exactly one encoded transaction, which is judged in its block.
    Encoded,
    ManyEncoded,
    /// A signed peer record.
    Record,
    /// Nodes that another one tells of.
    Peers(&'static Schema),
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
    /// The same in a session with compact blocks, and an unknown field in others.
    Featured(&'static Schema),
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
    (14, "compact_block", Featured(COMPACT_BLOCK)),
    (15, "request_transactions", Featured(REQUEST_TRANSACTIONS)),
    (16, "response_transactions", Featured(RESPONSE_TRANSACTIONS)),
    (17, "request_peers", Body(REQUEST_PEERS)),
    (18, "response_peers", Body(RESPONSE_PEERS)),
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
    (13, "block_only", Bool),
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
const REQUEST_PEERS: &Schema = &[(1, "count", Uint32)];
const RESPONSE_PEERS: &Schema = &[(1, "peers", Peers(PEER_ADDRESS))];
const PEER_ADDRESS: &Schema = &[(1, "record", Record), (2, "age_minutes", Uint32)];
const COMPACT_BLOCK: &Schema = &[
    (1, "digest", Hash),
    (2, "before", Bytes),
    (3, "after", Bytes),
    (4, "nonce", Uint64),
    (5, "short_ids", ShortIds),
    (6, "prefilled", Many(PREFILLED)),
];
const PREFILLED: &Schema = &[(1, "index", Uint32), (2, "transaction", Encoded)];
const REQUEST_TRANSACTIONS: &Schema = &[(1, "digest", Hash), (2, "indexes", Indexes)];
const RESPONSE_TRANSACTIONS: &Schema = &[(1, "transactions", ManyEncoded)];
const DISCONNECT: &Schema = &[(1, "reason", Reason), (2, "detail", Detail)];

/// What a walk over a message has found.
#[derive(Default)]
pub struct Walk {
    /// The blocks and transactions directly in the body, as the bytes that came.
    pub items: Vec<Bytes>,
    /// Whether the session has compact blocks.
    is_featured: bool,
    /// Why the item of a `NewBlock` or `NewTransaction` is refused. The message around it is in order.
    pub refused: Option<Fault>,
}

impl Walk {
    /// Walks over the body of a frame, in a session with compact blocks or without.
    pub fn message(body: &Bytes, is_featured: bool) -> Result<Self, Fault> {
        let mut walk = Self { is_featured, ..Self::default() };
        walk.fields(MESSAGE, body, body)?;
        Ok(walk)
    }

    fn fields(&mut self, schema: &'static Schema, input: &[u8], frame: &Bytes) -> Result<(), Fault> {
        // how often each field came, by its place in the table
        let mut counts = [0usize; 24];
        let mut bodies = 0;
        let mut fields = Fields::new(input);
        while let Some((number, value)) = fields.next()? {
            let Some(place) = schema.iter().position(|(known, ..)| *known == number) else { continue };
            let (_, name, kind) = &schema[place];
            if matches!(kind, Featured(_)) && !self.is_featured {
                continue;
            }
            counts[place] += 1;
            bodies += usize::from(matches!(kind, Body(_) | Featured(_)));
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
            (
                Hash | Bytes | Text(_) | Detail | Addresses | Digests | ShortDigests | Record | ShortIds | Encoded | ManyEncoded,
                Value::Bytes(bytes),
            ) => check_bytes(kind, bytes),
            (Indexes, Value::Bytes(bytes)) => check_indexes(bytes),
            (Fixed32, Value::Fixed32) => Ok(()),
            (Required(schema) | Optional(schema) | Many(schema) | Peers(schema) | Body(schema) | Featured(schema), Value::Bytes(input)) => {
                self.fields(schema, input, frame)
            }
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
    matches!(kind, Hash | Required(_) | Item(_) | Encoded)
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
        ShortDigests if !bytes.len().is_multiple_of(SHORT_DIGEST_BYTES) => {
            return Err(Fault::new(format!("short digests of {} bytes", bytes.len())));
        }
        ShortDigests => MAX_DIGESTS * SHORT_DIGEST_BYTES,
        ShortIds if !bytes.len().is_multiple_of(SHORT_ID_BYTES) => return Err(Fault::new(format!("short ids of {} bytes", bytes.len()))),
        Encoded | ManyEncoded if bytes.len() < MIN_TRANSACTION_BYTES => {
            return Err(Fault::new(format!("a transaction of {} bytes", bytes.len())));
        }
        Addresses => MAX_ADDRESS_BYTES,
        Record => MAX_RECORD_BYTES,
        Text(max) => *max,
        _ => usize::MAX,
    };
    if matches!(kind, Text(_) | Detail) && std::str::from_utf8(bytes).is_err() {
        return Err(Fault::new("no UTF-8"));
    }
    if bytes.len() > max { Err(Fault::new(format!("{} bytes", bytes.len()))) } else { Ok(()) }
}

fn check_indexes(bytes: &[u8]) -> Result<(), Fault> {
    let mut numbers = Fields::new(bytes);
    let mut next = 0;
    while let Some(number) = numbers.packed()? {
        if number < next || number > u64::from(u32::MAX) {
            return Err(Fault::new(format!("index {number}")));
        }
        next = number + 1;
    }
    Ok(())
}

fn check_count(kind: &Kind, count: usize) -> Result<(), Fault> {
    let max = match kind {
        Required(_) | Optional(_) | Item(_) | OneItem(_) | Indexes | Encoded => 1,
        Addresses => MAX_ADDRESSES,
        Digests => MAX_DIGESTS,
        Peers(_) => MAX_PEERS,
        _ => usize::MAX,
    };
    if count > max { Err(Fault::new(format!("more than {max}"))) } else { Ok(()) }
}
