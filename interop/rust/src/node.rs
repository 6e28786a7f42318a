//! What all sessions share: who is connected, the chain, and the items that travel about.

use crate::args::{Args, Item};
use crate::chain::Chain;
use crate::compact::{self, Assembly, MAX_ASSEMBLING};
use crate::items::{Items, Kept, LARGE};
use crate::message::proto::{self, Block, NodeInfo, Transaction};
use crate::message::{self, Body, Digest, Incoming, Reason, Short};
use crate::outbox::{MUCH, Outbox};
use crate::report::report;
use crate::session::Order;
use crate::sync;
use bytes::Bytes;
use libp2p::PeerId;
use prost::Message as _;
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc};

/// A dial that was begun before the first session was ready cannot take longer.
const OLD: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Inbound,
    Outbound,
}

impl Direction {
    pub fn name(self) -> &'static str {
        if self == Direction::Inbound { "inbound" } else { "outbound" }
    }
}

/// A session as others see it.
pub struct Handle {
    pub peer: PeerId,
    pub direction: Direction,
    pub outbox: Outbox,
    pub orders: mpsc::UnboundedSender<Order>,
    /// When it was accepted.
    ready: OnceLock<Instant>,
    /// The highest that the peer has said it is.
    height: AtomicU64,
    /// The items that the peer has.
    has: Mutex<HashSet<Short>>,
    /// The features that both sides have.
    features: AtomicU64,
    /// Whether the peer wants no transactions.
    is_block_only: AtomicBool,
    /// Places for blocks that are put together.
    pub assembling: Arc<Semaphore>,
}

impl Handle {
    pub fn new(peer: PeerId, direction: Direction, orders: mpsc::UnboundedSender<Order>) -> Self {
        Self {
            peer,
            direction,
            orders,
            outbox: Outbox::default(),
            ready: OnceLock::new(),
            height: AtomicU64::new(0),
            has: Mutex::default(),
            features: AtomicU64::new(0),
            is_block_only: AtomicBool::new(false),
            assembling: Arc::new(Semaphore::new(MAX_ASSEMBLING)),
        }
    }

    /// Remembers that the peer has an item; whether that is new.
    pub fn note(&self, digest: Short) -> bool {
        self.has.lock().unwrap().insert(digest)
    }

    /// Takes what the handshake of the peer says of the session.
    pub fn agree(&self, own: u64, theirs: &NodeInfo) {
        let both = own & theirs.features;
        self.features.store(if theirs.block_only { both & !message::PEERS } else { both }, SeqCst);
        self.is_block_only.store(theirs.block_only, SeqCst);
    }

    /// Whether the peer wants no transactions.
    pub fn is_block_only(&self) -> bool {
        self.is_block_only.load(SeqCst)
    }

    /// Whether the session uses a feature.
    pub fn uses(&self, feature: u64) -> bool {
        self.features.load(SeqCst) & feature != 0
    }

    pub fn height(&self) -> u64 {
        self.height.load(SeqCst)
    }

    /// Whether it is ready for so long that the peer must know of it.
    fn is_old(&self) -> bool {
        self.ready.get().is_some_and(|ready| ready.elapsed() > OLD)
    }

    /// Sends a frame, or ends the session where too much waits.
    pub fn send(&self, frame: Bytes) {
        if !self.outbox.push(frame) {
            let _ = self.orders.send(Order::End(Reason::TooSlow, "more than 8 MiB wait"));
        }
    }
}

/// What becomes of a new session with a peer.
pub enum Admission {
    Ready,
    /// Another one stays; `true` where messages may be on their way in this one.
    Loses(bool),
    Refused(Reason),
}

pub struct Node {
    pub id: PeerId,
    pub args: Args,
    pub chain: Mutex<Chain>,
    sessions: Mutex<HashMap<PeerId, Arc<Handle>>>,
    items: Mutex<Items>,
    /// The signed record of this node, once it listens.
    pub record: OnceLock<Bytes>,
    /// Whether blocks are being fetched from those that have more.
    pub is_following: AtomicBool,
}

impl Node {
    pub fn new(id: PeerId, args: Args) -> Self {
        let chain = Chain::new(&args.genesis.0, args.chain.0, args.chain.1);
        Self {
            id,
            args,
            chain: Mutex::new(chain),
            sessions: Mutex::default(),
            items: Mutex::default(),
            record: OnceLock::new(),
            is_following: AtomicBool::new(false),
        }
    }

    pub fn session(&self, peer: &PeerId) -> Option<Arc<Handle>> {
        self.sessions.lock().unwrap().get(peer).cloned()
    }

    pub fn sessions(&self) -> Vec<Arc<Handle>> {
        self.sessions.lock().unwrap().values().cloned().collect()
    }

    pub fn best_height(&self) -> u64 {
        self.chain.lock().unwrap().height()
    }

    /// The handshake of this node.
    pub fn handshake(&self) -> Bytes {
        let chain = self.chain.lock().unwrap();
        let node = NodeInfo {
            protocol_version: self.args.version,
            network: self.args.network.clone(),
            genesis_hash: self.args.genesis.0.clone(),
            node_id: "interop".into(),
            user_agent: concat!("vibecoin-peer-rust/", env!("CARGO_PKG_VERSION")).into(),
            listen_addrs: Vec::new(),
            best_height: chain.height(),
            best_hash: chain.tip_hash.clone(),
            features: self.args.features.0,
            // one version, all blocks, and no forks that are planned
            ..NodeInfo::default()
        };
        message::frame(0, Body::Handshake(proto::Handshake { node: Some(node) }))
    }

    /// Steps 2 to 4 of accepting a handshake. In step 5 there is nothing to compare: this node plans no forks.
    pub fn refusal(&self, theirs: &NodeInfo) -> Option<Reason> {
        let lowest = if theirs.min_protocol_version == 0 { theirs.protocol_version } else { theirs.min_protocol_version };
        if self.args.version < lowest || self.args.version > theirs.protocol_version {
            Some(Reason::IncompatibleVersion)
        } else if theirs.network != self.args.network || theirs.genesis_hash != self.args.genesis.0 {
            Some(Reason::WrongNetwork)
        } else {
            None
        }
    }

    /// Step 6, and which of two sessions with one peer stays. The one that does not is told to retire.
    pub fn admit(&self, new: &Arc<Handle>) -> Admission {
        let mut sessions = self.sessions.lock().unwrap();
        if new.peer == self.id {
            return Admission::Refused(Reason::DuplicateConnection);
        }
        if self.args.ban.contains(&new.peer) {
            return Admission::Refused(Reason::Banned);
        }
        match sessions.get(&new.peer) {
            None if sessions.len() >= self.args.max_peers => return Admission::Refused(Reason::TooManyConnections),
            None => {}
            Some(old) if self.new_stays(old, new) => {
                let _ = old.orders.send(Order::Retire);
            }
            Some(old) => return Admission::Loses(!old.is_old()),
        }
        let _ = new.ready.set(Instant::now());
        sessions.insert(new.peer, new.clone());
        Admission::Ready
    }

    fn new_stays(&self, old: &Handle, new: &Handle) -> bool {
        match (new.direction, old.direction) {
            (Direction::Inbound, Direction::Inbound) => true,
            (Direction::Inbound, _) if old.is_old() => true,
            (Direction::Outbound, Direction::Outbound) => false,
            // the one that the smaller id has opened: as bytes of the multihash, not as text
            (Direction::Inbound, _) => new.peer.to_bytes() < self.id.to_bytes(),
            (Direction::Outbound, _) => self.id.to_bytes() < new.peer.to_bytes(),
        }
    }

    /// Forgets a session; whether it was the one that stays.
    pub fn forget(&self, session: &Arc<Handle>) -> bool {
        let mut sessions = self.sessions.lock().unwrap();
        let is_it = sessions.get(&session.peer).is_some_and(|ready| Arc::ptr_eq(ready, session));
        if is_it {
            sessions.remove(&session.peer);
        }
        is_it
    }

    /// An item came from a peer: it is told, appended and sent on if it is new.
    pub fn on_item(self: &Arc<Self>, from: &Handle, message: &Incoming) {
        let Some(bytes) = message.items.first() else { return };
        let digest = message::digest(bytes);
        from.note(message::short(&digest));
        if !self.items.lock().unwrap().meet(message::short(&digest)) {
            return;
        }
        let block = match &message.body {
            Some(Body::NewBlock(proto::NewBlock { block })) => block.as_ref(),
            _ => None,
        };
        if let Some(block) = block {
            let is_next = self.chain.lock().unwrap().append(block, bytes.clone());
            if !is_next {
                self.on_height(from, block.height);
            }
        }
        report(&json!({
            "event": "item", "peer": from.peer.to_string(), "kind": if block.is_some() { "block" } else { "transaction" },
            "digest": hex::encode(digest), "bytes": bytes.len(), "height": block.map(|block| block.height),
        }));
        self.spread(digest, bytes, if block.is_some() { Item::Block } else { Item::Transaction }, 1);
    }

    /// A new item of this node, on top of its chain. Returns its digest, and its height.
    pub fn make(&self, kind: Item, size: usize, announce: bool) -> (Digest, u64) {
        let mut chain = self.chain.lock().unwrap();
        let bytes: Bytes = if kind == Item::Block {
            let block = chain.next(size);
            let bytes = Bytes::from(block.encode_to_vec());
            chain.append(&block, bytes.clone());
            bytes
        } else {
            // the time makes it another one than the last
            let nonce = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
            let id = Bytes::copy_from_slice(&message::digest(&nonce.to_be_bytes()));
            let [sender, recipient] = [id.clone(), id.clone()];
            Transaction { id, sender, recipient, nonce, data: vec![7; size].into(), ..Transaction::default() }.encode_to_vec().into()
        };
        let height = chain.height();
        drop(chain);
        let digest = message::digest(&bytes);
        self.items.lock().unwrap().meet(message::short(&digest));
        self.spread(digest, &bytes, kind, if announce { 0 } else { 3 });
        (digest, height)
    }

    /// Sends an item to those that do not have it, and announces a large one to all but `pushes` of them.
    fn spread(&self, digest: Digest, item: &Bytes, kind: Item, pushes: usize) {
        let is_large = item.len() >= LARGE || pushes == 0;
        let short = message::short(&digest);
        let item = Kept { kind, digest, bytes: item.clone() };
        let (whole, compact) = (item.frame(), self.compact_frame(&item));
        {
            let mut items = self.items.lock().unwrap();
            if is_large {
                items.keep(item);
            } else if kind == Item::Transaction {
                items.pool(item);
            }
        }
        let wants = |session: &Arc<Handle>| kind == Item::Block || !session.is_block_only();
        let peers = self.sessions().into_iter().filter(|session| wants(session) && session.note(short));
        for (index, session) in peers.enumerate() {
            if is_large && index >= pushes {
                session.send(have(&session, &digest));
            } else if kind == Item::Block || session.outbox.queued() < MUCH {
                session.send(compact.as_ref().filter(|_| session.uses(message::COMPACT_BLOCKS)).unwrap_or(&whole).clone());
            }
        }
    }

    /// A block without the transactions that peers are likely to have, where that saves much.
    fn compact_frame(&self, item: &Kept) -> Option<Bytes> {
        if !item.is_large_block() {
            return None;
        }
        let pool: HashSet<Digest> = self.items.lock().unwrap().transactions().map(|(digest, _)| digest).collect();
        let block = compact::compact(&item.bytes, &item.digest, |digest| pool.contains(digest))?;
        Some(message::frame(0, Body::CompactBlock(block)))
    }

    /// A compact block came. Whether it is new: then it has the transactions that are there.
    pub fn begin(&self, from: &Handle, block: &mut Assembly) -> bool {
        let digest = message::short(&block.digest);
        from.note(digest);
        let items = self.items.lock().unwrap();
        let is_new = !items.has_met(&digest);
        if is_new {
            block.fill(items.transactions());
        }
        is_new
    }

    /// Transactions of a block that is kept; none where it is not, has no such index, or much waits for the peer.
    pub fn transactions(&self, to: &Handle, digest: &[u8], indexes: &[u32]) -> Vec<Bytes> {
        let items = self.items.lock().unwrap();
        let block = message::shorts(digest).next().and_then(|digest| items.kept(&digest)).filter(|item| item.kind == Item::Block);
        block.filter(|_| to.outbox.queued() < MUCH).map_or_else(Vec::new, |item| compact::transactions_of(&item.bytes, indexes))
    }

    /// Tells a peer that has come of the small transactions of the last minutes.
    pub fn announce_pool(&self, to: &Handle) {
        if !to.uses(message::SHORT_DIGESTS) || to.is_block_only() {
            return;
        }
        let pooled = self.items.lock().unwrap().pooled();
        let short_digests: Vec<u8> = pooled.into_iter().filter(|digest| to.note(*digest)).flatten().collect();
        if !short_digests.is_empty() {
            to.send(message::frame(0, Body::Have(proto::Have { digests: Vec::new(), short_digests: short_digests.into() })));
        }
    }

    /// A peer has announced items: it is asked for those that are missing, with the names that it has used.
    pub fn on_have(&self, from: &Handle, digests: &[Digest], shorts: &[Short]) {
        let missing = |announced: &[Short]| {
            announced.iter().for_each(|digest| _ = from.note(*digest));
            self.items.lock().unwrap().want(announced)
        };
        let named: Vec<Short> = digests.iter().map(message::short).collect();
        let (whole, short) = (missing(&named), missing(shorts));
        if whole.is_empty() && short.is_empty() {
            return;
        }
        let digests = digests.iter().filter(|digest| whole.contains(&message::short(digest)));
        let digests = digests.map(|digest| Bytes::copy_from_slice(digest)).collect();
        let short_digests = short.into_iter().flatten().collect::<Vec<u8>>().into();
        from.send(message::frame(0, Body::Want(proto::Want { digests, short_digests, compact: from.uses(message::COMPACT_BLOCKS) })));
    }

    /// A peer asks for items: it gets those that are still there.
    pub fn on_want(&self, from: &Handle, digests: &[Digest], shorts: &[Short]) {
        self.give(from, digests, shorts, |_| None);
    }

    /// The same, where blocks may be compact.
    pub fn on_want_compact(&self, from: &Handle, digests: &[Digest], shorts: &[Short]) {
        self.give(from, digests, shorts, |item| self.compact_frame(item).filter(|_| from.uses(message::COMPACT_BLOCKS)));
    }

    fn give(&self, to: &Handle, digests: &[Digest], shorts: &[Short], form: impl Fn(&Kept) -> Option<Bytes>) {
        let names = digests.iter().map(message::short).chain(shorts.iter().copied());
        for digest in names.filter(|_| to.outbox.queued() < MUCH) {
            let item = self.items.lock().unwrap().kept(&digest).cloned();
            if let Some(item) = item {
                to.send(form(&item).unwrap_or_else(|| item.frame()));
            }
        }
    }

    /// The nodes that this one tells of: itself. It has reached others, and keeps no records of them.
    pub fn peers(&self, count: u32) -> proto::ResponsePeers {
        let record = self.record.get().filter(|_| count > 0);
        proto::ResponsePeers {
            peers: record.map(|record| proto::PeerAddress { record: record.clone(), age_minutes: 0 }).into_iter().collect(),
        }
    }

    /// Blocks that were fetched from a peer.
    pub fn append(&self, blocks: &[(Block, Bytes)]) -> bool {
        let mut chain = self.chain.lock().unwrap();
        // one that came by itself meanwhile is there already
        blocks.iter().all(|(block, bytes)| chain.has(block) || chain.append(block, bytes.clone()))
    }

    /// A peer has said how far it is: where `--follow` is given, what it has more than this node is fetched.
    pub fn on_height(self: &Arc<Self>, from: &Handle, height: u64) {
        from.height.fetch_max(height, SeqCst);
        if self.args.follow && height > self.best_height() && !self.is_following.swap(true, SeqCst) {
            tokio::spawn(sync::follow(self.clone()));
        }
    }

    /// The peer that is the furthest above this node.
    pub fn ahead(&self) -> Option<Arc<Handle>> {
        let best = self.best_height();
        self.sessions().into_iter().filter(|session| session.height() > best).max_by_key(|session| session.height())
    }

    /// Tells of the best block, which was fetched.
    pub fn spread_tip(&self) {
        let tip = {
            let chain = self.chain.lock().unwrap();
            chain.get(chain.height()).cloned()
        };
        let Some(bytes) = tip else { return };
        let digest = message::digest(&bytes);
        self.items.lock().unwrap().meet(message::short(&digest));
        self.spread(digest, &bytes, Item::Block, 0);
    }
}

/// The announcement of an item, by the beginning of its digest where the session has that feature.
fn have(session: &Handle, digest: &Digest) -> Bytes {
    let name = |name: &[u8]| Bytes::copy_from_slice(name);
    let have = if session.uses(message::SHORT_DIGESTS) {
        proto::Have { digests: Vec::new(), short_digests: name(&message::short(digest)) }
    } else {
        proto::Have { digests: vec![name(digest)], short_digests: Bytes::new() }
    };
    message::frame(0, Body::Have(have))
}
