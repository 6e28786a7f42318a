//! One session: the handshake, what is read, pings, and the end.

use crate::compact::{self, Assembly};
use crate::frame::{End, FrameReader, MAX_FIRST_FRAME, MAX_FRAME};
use crate::message::{self, Body, Digest, Incoming, Reason, Refusal, Short, proto};
use crate::node::{Admission, Direction, Handle, Node};
use crate::report::report;
use crate::requests::{Answer, Request, Requests};
use crate::wire::Fault;
use bytes::Bytes;
use futures::future::{Fuse, FusedFuture as _};
use futures::io::ReadHalf;
use futures::{AsyncReadExt as _, FutureExt as _};
use libp2p::{PeerId, Stream};
use serde_json::json;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const PING_INTERVAL: Duration = Duration::from_secs(30);
const PONG_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a session that lost is read from.
const TAKEOVER_TIMEOUT: Duration = Duration::from_secs(2);
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);
/// Malformed items of one session.
const MAX_REFUSED: usize = 100;
/// Requests that wait to be served.
const MAX_WAITING: usize = 1024;

/// What others want of a session.
pub enum Order {
    Ask(Request, mpsc::UnboundedSender<Answer>),
    End(Reason, &'static str),
    /// `Disconnect` with a text of the operator's.
    Disconnect(Reason, String),
    /// A block that was put together is taken as if it had come whole.
    Take(Bytes),
    /// Another session with the peer stays.
    Retire,
}

/// Why a session is over.
enum Over {
    Us(Reason, String),
    Them(Reason, String),
    Nobody(Option<io::Error>),
    /// It lost the takeover, and everything was said.
    Retired,
}

/// The task that sends; it may be over long before the session is.
type Writing = Fuse<JoinHandle<io::Result<()>>>;

struct Session {
    node: Arc<Node>,
    handle: Arc<Handle>,
    reader: FrameReader<ReadHalf<Stream>>,
    orders: mpsc::UnboundedReceiver<Order>,
    requests: Requests,
    /// What the peer asks for.
    asked: mpsc::Sender<(u64, Request)>,
    /// The nonce of the ping that is out.
    ping: Option<u64>,
    /// When the next ping is due, or the pong.
    due: Instant,
    /// Set where the session lost: how long it is read from.
    retiring: Option<Instant>,
    was_ready: bool,
    /// Items that were malformed.
    refused: usize,
}

/// Speaks with a peer on a new stream until the session is over.
pub async fn run(node: Arc<Node>, stream: Stream, peer: PeerId, direction: Direction) {
    let (reader, writer) = stream.split();
    let (sender, orders) = mpsc::unbounded_channel();
    let (asked, to_serve) = mpsc::channel(MAX_WAITING);
    let handle = Arc::new(Handle::new(peer, direction, sender));
    let writing = tokio::spawn({
        let handle = handle.clone();
        async move { handle.outbox.drain(writer).await }
    });
    let abort = writing.abort_handle();
    let mut writing = writing.fuse();
    tokio::spawn(serve(node.clone(), handle.clone(), to_serve));
    let mut session = Session {
        node,
        handle,
        reader: FrameReader::new(reader, MAX_FIRST_FRAME),
        orders,
        requests: Requests::default(),
        asked,
        ping: None,
        due: Instant::now(),
        retiring: None,
        was_ready: false,
        refused: 0,
    };
    let over = match session.shake_hands().await {
        Ok(()) => session.talk(&mut writing).await,
        Err(over) => over,
    };
    session.close(over, writing).await;
    abort.abort();
}

impl Session {
    /// Both handshakes, and whether the peer is accepted.
    async fn shake_hands(&mut self) -> Result<(), Over> {
        self.handle.send(self.node.handshake());
        let frame = match timeout(HANDSHAKE_TIMEOUT, self.reader.next()).await {
            Ok(frame) => frame.map_err(over)?,
            Err(_) => return Err(Over::Us(Reason::Timeout, "no handshake".into())),
        };
        let theirs = match message::decode(&frame, false).map_err(first_refusal)?.body {
            Some(Body::Handshake(proto::Handshake { node: Some(theirs) })) => theirs,
            Some(Body::Disconnect(disconnect)) => return Err(Over::Them(disconnect.reason(), disconnect.detail)),
            _ => return Err(Over::Us(Reason::ProtocolViolation, "a first frame that is no handshake".into())),
        };
        if let Some(reason) = self.node.refusal(&theirs) {
            return Err(Over::Us(reason, String::new()));
        }
        self.handle.agree(self.node.args.features.0, &theirs);
        match self.node.admit(&self.handle) {
            Admission::Ready => {}
            Admission::Loses(true) => {
                self.retire();
                return Ok(());
            }
            Admission::Loses(false) => return Err(Over::Us(Reason::DuplicateConnection, String::new())),
            Admission::Refused(reason) => return Err(Over::Us(reason, String::new())),
        }
        self.reader.max = MAX_FRAME;
        self.was_ready = true;
        self.say("ready", json!({ "height": theirs.best_height }));
        self.node.on_height(&self.handle, theirs.best_height);
        self.node.announce_pool(&self.handle);
        Ok(())
    }

    async fn talk(&mut self, writing: &mut Writing) -> Over {
        self.reader.max = MAX_FRAME;
        loop {
            let due = self.retiring.unwrap_or(self.due);
            let result = tokio::select! {
                frame = self.reader.next() => match frame {
                    Ok(frame) => self.on_frame(&frame),
                    Err(_) if self.retiring.is_some() => Err(Over::Retired),
                    Err(end) => Err(over(end)),
                },
                Some(order) = self.orders.recv() => self.on_order(order),
                // closed in order, or an error
                Ok(Err(error)) = &mut *writing => Err(Over::Nobody(Some(error))),
                () = sleep_until(due) => self.on_due(),
            };
            if let Err(over) = result {
                return over;
            }
        }
    }

    fn on_frame(&mut self, frame: &Bytes) -> Result<(), Over> {
        let mut message = match message::decode(frame, self.handle.uses(message::COMPACT_BLOCKS)) {
            Ok(message) => message,
            Err(Refusal::Violation(fault)) => return Err(violation(fault)),
            Err(Refusal::Item(fault)) => return self.on_refused(&fault),
        };
        match message.body.take() {
            None => {}
            Some(Body::Handshake(_)) => return Err(Over::Us(Reason::ProtocolViolation, "a second handshake".into())),
            Some(Body::NewTransaction(_)) if self.handle.is_block_only() => {}
            Some(body @ (Body::NewBlock(_) | Body::NewTransaction(_))) => {
                self.node.on_item(&self.handle, &Incoming { body: Some(body), ..message });
            }
            Some(Body::RequestBlock(request)) => self.asked(message.request_id, Request::Block(request.height))?,
            Some(Body::RequestBlockRange(request)) => {
                self.asked(message.request_id, Request::Range(request.start_height, request.end_height))?;
            }
            Some(Body::ResponseBlock(response)) => {
                self.requests.on_block(message.request_id, response.block, message.items).map_err(violation)?;
            }
            Some(Body::ResponseBlockRange(response)) => {
                self.requests.on_range(message.request_id, response, message.items).map_err(violation)?;
            }
            Some(Body::Ping(ping)) => {
                self.node.on_height(&self.handle, ping.best_height);
                let pong = proto::Pong { nonce: ping.nonce, best_height: self.node.best_height() };
                self.handle.send(message::frame(0, Body::Pong(pong)));
            }
            Some(Body::Pong(pong)) if self.ping == Some(pong.nonce) => {
                self.ping = None;
                self.due = Instant::now() + PING_INTERVAL;
                self.say("pong", json!({ "height": pong.best_height }));
                self.node.on_height(&self.handle, pong.best_height);
            }
            Some(Body::Pong(_)) => {}
            // it was told that it lost, or loses here too
            Some(Body::Disconnect(_)) if self.retiring.is_some() => return Err(Over::Retired),
            Some(Body::Disconnect(disconnect)) => return Err(Over::Them(disconnect.reason(), disconnect.detail)),
            Some(Body::Have(have)) => self.on_digests("have", (&have.digests, &have.short_digests), Node::on_have),
            Some(Body::Want(want)) => {
                let act = if want.compact { Node::on_want_compact } else { Node::on_want };
                self.on_digests("want", (&want.digests, &want.short_digests), act);
            }
            Some(Body::CompactBlock(compact)) => self.on_compact(compact)?,
            Some(Body::RequestTransactions(_)) if self.retiring.is_some() => {}
            Some(Body::RequestTransactions(request)) => {
                let transactions = self.node.transactions(&self.handle, &request.digest, &request.indexes);
                self.handle
                    .send(message::frame(message.request_id, Body::ResponseTransactions(proto::ResponseTransactions { transactions })));
            }
            Some(Body::ResponseTransactions(response)) => {
                self.requests.on_transactions(message.request_id, response.transactions).map_err(violation)?;
            }
            Some(Body::RequestPeers(request)) if self.handle.uses(message::PEERS) && self.retiring.is_none() => {
                self.handle.send(message::frame(message.request_id, Body::ResponsePeers(self.node.peers(request.count))));
            }
            Some(Body::RequestPeers(_)) => {}
            Some(Body::ResponsePeers(response)) => {
                self.requests.on_peers(message.request_id, response.peers).map_err(violation)?;
            }
        }
        Ok(())
    }

    /// An item that is malformed is not used and not relayed; many of them are too many.
    fn on_refused(&mut self, fault: &Fault) -> Result<(), Over> {
        self.refused += 1;
        self.say("rejected", json!({ "why": fault.why }));
        if self.refused > MAX_REFUSED { Err(Over::Us(Reason::Unspecified, "too many items that are malformed".into())) } else { Ok(()) }
    }

    /// A block without the transactions that this node is likely to have.
    fn on_compact(&self, compact: proto::CompactBlock) -> Result<(), Over> {
        let mut block = Assembly::new(compact).map_err(violation)?;
        if self.node.begin(&self.handle, &mut block) {
            // in the order in which the blocks come: tasks run in any
            let place = self.handle.assembling.clone().try_acquire_owned().ok();
            tokio::spawn(compact::assemble(self.node.clone(), self.handle.clone(), block, place));
        }
        Ok(())
    }

    fn on_digests(&self, event: &str, (whole, short): (&[Bytes], &Bytes), act: fn(&Node, &Handle, &[Digest], &[Short])) {
        let digests: Vec<Digest> = whole.iter().filter_map(|digest| digest[..].try_into().ok()).collect();
        // without the feature they say nothing
        let shorts: Vec<Short> = message::shorts(short).filter(|_| self.handle.uses(message::SHORT_DIGESTS)).collect();
        let names = digests.iter().map(hex::encode).chain(shorts.iter().map(hex::encode));
        self.say(event, json!({ "digests": names.collect::<Vec<_>>() }));
        act(&self.node, &self.handle, &digests, &shorts);
    }

    fn asked(&self, id: u64, request: Request) -> Result<(), Over> {
        // a session that lost answers nothing any more
        if self.retiring.is_none() && self.asked.try_send((id, request)).is_err() {
            return Err(Over::Us(Reason::Unspecified, "too many unanswered requests".into()));
        }
        Ok(())
    }

    fn on_order(&mut self, order: Order) -> Result<(), Over> {
        match order {
            // the one who asks sees that there is no answer, and asks on the other session
            Order::Ask(..) if self.retiring.is_some() => {}
            Order::Ask(request, reply) => {
                let frame = self.requests.ask(request, reply);
                self.handle.send(frame);
            }
            Order::Take(block) => return self.on_frame(&message::new_block(&block)),
            Order::End(reason, detail) => return Err(Over::Us(reason, detail.into())),
            Order::Disconnect(reason, detail) => return Err(Over::Us(reason, detail)),
            Order::Retire => {
                self.say("retired", json!({}));
                self.retire();
            }
        }
        Ok(())
    }

    /// Sends what waits, says that the session is one too many, and goes on reading for a while.
    fn retire(&mut self) {
        self.handle.outbox.finish(Some(message::disconnect_frame(Reason::DuplicateConnection, "")));
        self.retiring = Some(Instant::now() + TAKEOVER_TIMEOUT);
    }

    fn on_due(&mut self) -> Result<(), Over> {
        if self.retiring.is_some() {
            return Err(Over::Retired);
        }
        if self.ping.is_some() {
            return Err(Over::Us(Reason::Timeout, "no pong".into()));
        }
        let nonce = random_nonce();
        self.ping = Some(nonce);
        self.due = Instant::now() + PONG_TIMEOUT;
        self.handle.send(message::frame(0, Body::Ping(proto::Ping { nonce, best_height: self.node.best_height() })));
        Ok(())
    }

    async fn close(mut self, over: Over, writing: Writing) {
        let was_it = self.node.forget(&self.handle);
        let last = match &over {
            Over::Us(reason, detail) => Some(message::disconnect_frame(*reason, detail)),
            _ => None,
        };
        match &over {
            // the peer has another session, and still reads what was meant for it in this one
            Over::Them(Reason::DuplicateConnection, _) | Over::Retired => self.handle.outbox.finish(None),
            _ => self.handle.outbox.end(last),
        }
        let deadline = Instant::now() + CLOSE_TIMEOUT;
        if !writing.is_terminated() {
            let _ = timeout_at(deadline, writing).await;
        }
        if matches!(over, Over::Us(..)) {
            let _ = timeout_at(deadline, self.reader.discard()).await;
        }
        let (by, reason, detail) = match over {
            Over::Us(reason, detail) => ("us", Some(reason), detail),
            Over::Them(reason, detail) => ("them", Some(reason), detail),
            Over::Nobody(error) => ("nobody", None, error.map_or_else(String::new, |error| error.to_string())),
            // a new one that lost has never been the session of the pair
            Over::Retired if !self.was_ready => ("us", Some(Reason::DuplicateConnection), String::new()),
            Over::Retired => return,
        };
        // the peer may be the first to say that another session stays
        let event = match self.was_ready {
            false => "refused",
            true if was_it => "closed",
            true => return,
        };
        self.say(event, json!({ "by": by, "reason": reason.map(|reason| reason.as_str_name()), "detail": detail }));
    }

    fn say(&self, event: &str, more: serde_json::Value) {
        let mut line = json!({ "event": event, "peer": self.handle.peer.to_string(), "direction": self.handle.direction.name() });
        if let (Some(line), serde_json::Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        report(&line);
    }
}

/// Answers requests one after the other, as fast as the peer takes the answers.
async fn serve(node: Arc<Node>, handle: Arc<Handle>, mut asked: mpsc::Receiver<(u64, Request)>) {
    while let Some((id, request)) = asked.recv().await {
        let frames = match request {
            Request::Block(height) => {
                let block = node.chain.lock().unwrap().get(height).cloned();
                handle.send(message::response_block_frame(id, block.as_ref()));
                continue;
            }
            Request::Range(start, end) => node.chain.lock().unwrap().range(start, end, node.args.serve_limit),
            // these are answered at once
            Request::Peers(_) | Request::Transactions(..) => continue,
        };
        for (index, blocks) in frames.iter().enumerate() {
            if !handle.outbox.has_room().await {
                return;
            }
            handle.send(message::range_frame(id, blocks, index + 1 == frames.len()));
        }
        if frames.is_empty() {
            handle.send(message::range_frame(id, &[], true));
        }
    }
}

fn first_refusal(refusal: Refusal) -> Over {
    match refusal {
        Refusal::Violation(fault) | Refusal::Item(fault) => violation(fault),
    }
}

fn violation(fault: Fault) -> Over {
    Over::Us(Reason::ProtocolViolation, fault.why)
}

fn over(end: End) -> Over {
    match end {
        End::Violation(fault) => violation(fault),
        End::Timeout => Over::Us(Reason::Timeout, "the rest of a frame did not come".into()),
        End::Lost(error) => Over::Nobody(error),
    }
}

/// A nonce that nobody can guess: the keys of a hasher are random.
pub fn random_nonce() -> u64 {
    RandomState::new().build_hasher().finish()
}
