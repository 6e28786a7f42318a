//! Compact blocks: a block without the transactions that the other side has, taken apart and put together.

use crate::grammar::{MAX_ITEM, MIN_TRANSACTION_BYTES};
use crate::message::proto::{CompactBlock, Prefilled};
use crate::message::{self, Digest};
use crate::node::{Handle, Node};
use crate::report::report;
use crate::session::{Order, random_nonce};
use crate::sync;
use crate::wire::{Fault, Fields, Value};
use bytes::{BufMut as _, Bytes, BytesMut};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use siphasher::sip::SipHasher24;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// The field of a block that has its transactions.
const TRANSACTIONS: u32 = 6;
/// Bytes of whole transactions in a compact block.
const MAX_PREFILLED: usize = 10 * 1024;
/// Blocks of one session that are put together at a time.
pub const MAX_ASSEMBLING: usize = 4;

/// What names a transaction in a compact block.
type ShortId = [u8; 6];

/// Makes the short ids of one compact block.
struct ShortIds(SipHasher24);

impl ShortIds {
    fn new(block: &Digest, nonce: u64) -> Self {
        let key = Sha256::new().chain_update(block).chain_update(nonce.to_le_bytes()).finalize();
        let (halves, _) = key.as_chunks();
        Self(SipHasher24::new_with_key(&halves[0]))
    }

    fn of(&self, transaction: &Digest) -> ShortId {
        let [a, b, c, d, e, f, ..] = self.0.hash(transaction).to_le_bytes();
        [a, b, c, d, e, f]
    }
}

/// An encoded block in three: the parts of a compact block, and all transactions.
struct Cut {
    before: Bytes,
    transactions: Vec<Bytes>,
    after: Bytes,
}

impl Cut {
    /// Cuts a block. `None` where it would not come out of its parts again.
    fn new(block: &Bytes) -> Option<Self> {
        let mut fields = Fields::new(block);
        let (mut transactions, mut start, mut end) = (Vec::new(), block.len(), block.len());
        loop {
            let at = block.len() - fields.rest();
            match fields.next().ok()? {
                None => return Some(Self { before: block.slice(..start), transactions, after: block.slice(end..) }),
                Some((TRANSACTIONS, Value::Bytes(transaction))) => {
                    let size = block.len() - fields.rest() - at;
                    if size != message::field_len(transaction) || (!transactions.is_empty() && at != end) {
                        return None;
                    }
                    start = start.min(at);
                    end = at + size;
                    transactions.push(block.slice_ref(transaction));
                }
                Some(_) => {}
            }
        }
    }
}

/// The compact form of a block. `None` where it would save little. What this node lacks is in it, as far as that fits.
pub fn compact(block: &Bytes, digest: &Digest, has: impl Fn(&Digest) -> bool) -> Option<CompactBlock> {
    let Cut { before, transactions, after } = Cut::new(block)?;
    let nonce = random_nonce();
    let ids = ShortIds::new(digest, nonce);
    let (mut short_ids, mut prefilled) = (Vec::new(), Vec::new());
    let (mut room, mut lacked) = (MAX_PREFILLED, 0);
    for (index, transaction) in (0..).zip(transactions) {
        let digest = message::digest(&transaction);
        let is_lacked = !has(&digest);
        if is_lacked && transaction.len() <= room {
            room -= transaction.len();
            prefilled.push(Prefilled { index, transaction });
        } else {
            lacked += if is_lacked { transaction.len() } else { 0 };
            short_ids.extend(ids.of(&digest));
        }
    }
    let cost = short_ids.len() + (MAX_PREFILLED - room) + lacked;
    let digest = Bytes::copy_from_slice(digest);
    (2 * cost <= block.len()).then(|| CompactBlock { digest, before, after, nonce, short_ids: short_ids.into(), prefilled })
}

/// The transactions of a block with these indexes: none where it has not all of them.
pub fn transactions_of(block: &Bytes, indexes: &[u32]) -> Vec<Bytes> {
    let all = Cut::new(block).map(|cut| cut.transactions).unwrap_or_default();
    indexes.iter().map(|index| all.get(*index as usize).cloned()).collect::<Option<_>>().unwrap_or_default()
}

/// A block that is put together.
pub struct Assembly {
    pub digest: Digest,
    compact: CompactBlock,
    /// All of its transactions, as far as they are there.
    transactions: Vec<Option<Bytes>>,
}

impl Assembly {
    /// Begins with what came in full. A fault: the block would be too large.
    pub fn new(compact: CompactBlock) -> Result<Self, Fault> {
        let ids = compact.short_ids.len() / size_of::<ShortId>();
        let whole: usize = compact.prefilled.iter().map(|prefilled| message::field_len(&prefilled.transaction)).sum();
        if compact.before.len() + compact.after.len() + whole + ids * (MIN_TRANSACTION_BYTES + 2) > MAX_ITEM {
            return Err(Fault::new(format!("a compact block of {ids} short ids and {whole} bytes of transactions")));
        }
        let mut transactions = vec![None; ids + compact.prefilled.len()];
        for prefilled in &compact.prefilled {
            transactions[prefilled.index as usize] = Some(prefilled.transaction.clone());
        }
        let digest = Digest::try_from(&compact.digest[..]).map_err(|_| Fault::new("a digest that is not 32 bytes"))?;
        Ok(Self { digest, compact, transactions })
    }

    /// Takes transactions that this node has. Those that have one short id are all left out.
    pub fn fill(&mut self, known: impl Iterator<Item = (Digest, Bytes)>) {
        let ids = ShortIds::new(&self.digest, self.compact.nonce);
        let mut by_id: HashMap<ShortId, Option<Bytes>> = HashMap::new();
        for (digest, transaction) in known {
            by_id.entry(ids.of(&digest)).and_modify(|clashes| *clashes = None).or_insert(Some(transaction));
        }
        let (wanted, _) = self.compact.short_ids.as_chunks();
        let mut counts: HashMap<&ShortId, usize> = HashMap::new();
        wanted.iter().for_each(|id| *counts.entry(id).or_default() += 1);
        for (id, transaction) in wanted.iter().zip(self.transactions.iter_mut().filter(|transaction| transaction.is_none())) {
            *transaction = by_id.get(id).cloned().flatten().filter(|_| counts[id] == 1);
        }
    }

    /// The indexes of what is not there.
    pub fn missing(&self) -> Vec<u32> {
        (0..).zip(&self.transactions).filter(|(_, transaction)| transaction.is_none()).map(|(index, _)| index).collect()
    }

    /// Takes what was missing, in its order.
    pub fn take(&mut self, transactions: Vec<Bytes>) {
        let missing = self.transactions.iter_mut().filter(|transaction| transaction.is_none());
        missing.zip(transactions).for_each(|(missing, transaction)| *missing = Some(transaction));
    }

    /// The block. `None` where something is missing, or where another block comes out.
    pub fn join(&self) -> Option<Bytes> {
        let mut block = BytesMut::from(&self.compact.before[..]);
        for transaction in &self.transactions {
            let transaction = transaction.as_ref()?;
            message::put_field(&mut block, TRANSACTIONS, transaction.len());
            block.put_slice(transaction);
        }
        block.put_slice(&self.compact.after);
        (block.len() <= MAX_ITEM && message::digest(&block) == self.digest).then(|| block.freeze())
    }
}

/// Puts a block together with the transactions that this node has, and asks the peer for the others. Where that comes to nothing, or there
/// is no place for it since many are put together already, the peer is asked for the whole block.
pub async fn assemble(node: Arc<Node>, from: Arc<Handle>, mut block: Assembly, place: Option<OwnedSemaphorePermit>) {
    let missing = block.missing();
    report(&json!({
        "event": "compact", "peer": from.peer.to_string(), "digest": hex::encode(block.digest), "missing": missing.len(),
    }));
    if place.is_some()
        && !missing.is_empty()
        && let Ok(transactions) = sync::transactions(&node, &from.peer, block.digest, missing).await
    {
        block.take(transactions);
    }
    match block.join() {
        // it is judged as if it had come whole
        Some(block) => _ = from.orders.send(Order::Take(block)),
        None => from.send(message::want_frame(&block.digest)),
    }
}
