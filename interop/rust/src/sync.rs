//! Fetching blocks: one answer, or everything up to a height.

use crate::message::Digest;
use crate::message::proto::{Block, PeerAddress};
use crate::node::Node;
use crate::report::report;
use crate::requests::{Answer, Request};
use crate::session::Order;
use bytes::Bytes;
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use libp2p::PeerId;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

type Blocks = Vec<(Block, Bytes)>;

/// Requests at a time.
const WINDOW: usize = 4;
/// The bytes that one request is for.
const SPAN_BYTES: usize = 2 * 1024 * 1024;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a compact block waits for its transactions. It can be had whole.
const TRANSACTIONS_TIMEOUT: Duration = Duration::from_secs(2);
/// Blocks that a peer may be asked for: nine tenths of what ours takes, a second and at once.
const RATE: f64 = 4500.0;
const BURST: f64 = 45_000.0;

/// Asks for something once. Returns the blocks, and in how many frames they came.
pub async fn ask(node: &Node, peer: &PeerId, request: Request) -> Result<(Blocks, usize), String> {
    let mut answers = send(node, peer, request)?;
    let (mut blocks, mut frames) = (Vec::new(), 0);
    loop {
        let answer = timeout(ANSWER_TIMEOUT, answers.recv()).await.map_err(|_| "no answer")?;
        let Answer { blocks: more, last, .. } = answer.ok_or("the session is over")?;
        blocks.extend(more);
        frames += 1;
        if last {
            return Ok((blocks, frames));
        }
    }
}

/// Asks for nodes to dial.
pub async fn peers(node: &Node, peer: &PeerId, count: u32) -> Result<Vec<PeerAddress>, String> {
    let mut answers = send(node, peer, Request::Peers(count))?;
    let answer = timeout(ANSWER_TIMEOUT, answers.recv()).await.map_err(|_| "no answer")?;
    Ok(answer.ok_or("the session is over")?.peers)
}

/// Asks for transactions of a block. All of them come, or none.
pub async fn transactions(node: &Node, peer: &PeerId, block: Digest, indexes: Vec<u32>) -> Result<Vec<Bytes>, String> {
    let mut answers = send(node, peer, Request::Transactions(block, indexes))?;
    let answer = timeout(TRANSACTIONS_TIMEOUT, answers.recv()).await.map_err(|_| "no answer")?;
    Ok(answer.ok_or("the session is over")?.transactions)
}

fn send(node: &Node, peer: &PeerId, request: Request) -> Result<mpsc::UnboundedReceiver<Answer>, String> {
    let session = node.session(peer).ok_or("no session")?;
    let (reply, answers) = mpsc::unbounded_channel();
    session.orders.send(Order::Ask(request, reply)).map_err(|_| "the session is over")?;
    Ok(answers)
}

/// All blocks of a span, however short the answers are, or as many as came before an error. What was out on a session that is over is
/// asked for once more on the next.
async fn span(node: Arc<Node>, peer: PeerId, from: u64, to: u64) -> (Blocks, Result<(), String>) {
    let (mut all, mut tries) = (Vec::new(), 0);
    while from + (all.len() as u64) <= to {
        let start = from + all.len() as u64;
        match ask(&node, &peer, Request::Range(start, to)).await {
            Ok((blocks, _)) if blocks.is_empty() => return (all, Err(format!("the peer has no block {start}"))),
            Ok((blocks, _)) => all.extend(blocks),
            Err(error) if tries == 3 => return (all, Err(error)),
            Err(_) => {
                tries += 1;
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
    (all, Ok(()))
}

/// Fetches blocks from a peer until the chain has the height `to`.
pub async fn sync(node: &Arc<Node>, peer: PeerId, to: u64) -> Result<Value, String> {
    let begun = Instant::now();
    let first = node.best_height() + 1;
    let (mut next, mut bytes, mut size) = (first, 0usize, SPAN_BYTES / 64);
    let mut spans = FuturesOrdered::new();
    while node.best_height() < to {
        while spans.len() < WINDOW && next <= to {
            let count = (SPAN_BYTES / size.max(1)).clamp(1, 1024) as u64;
            let end = to.min(next + count - 1);
            pace(begun, end - first + 1).await;
            spans.push_back(span(node.clone(), peer, next, end));
            next = end + 1;
        }
        let (blocks, result) = spans.next().await.ok_or("nothing is asked for")?;
        let came: usize = blocks.iter().map(|(_, bytes)| bytes.len()).sum();
        bytes += came;
        size = came / blocks.len().max(1);
        if !node.append(&blocks) {
            return Err(format!("a block above {} does not fit", node.best_height()));
        }
        result?;
    }
    Ok(json!({ "height": node.best_height(), "bytes": bytes, "ms": begun.elapsed().as_millis() as u64 }))
}

/// Fetches blocks for as long as a peer has more of them, and tells the others of the last one.
pub async fn follow(node: Arc<Node>) {
    loop {
        while let Some(ahead) = node.ahead() {
            if let Err(error) = sync(&node, ahead.peer, ahead.height()).await {
                report(&json!({ "event": "behind", "peer": ahead.peer.to_string(), "cause": error }));
                node.is_following.store(false, SeqCst);
                return;
            }
            node.spread_tip();
        }
        node.is_following.store(false, SeqCst);
        // one may have got ahead in between
        if node.ahead().is_none() || node.is_following.swap(true, SeqCst) {
            return;
        }
    }
}

/// Waits until so many blocks may have been asked for.
async fn pace(begun: Instant, asked: u64) {
    let wait = (asked as f64 - BURST) / RATE - begun.elapsed().as_secs_f64();
    if wait > 0.0 {
        sleep(Duration::from_secs_f64(wait)).await;
    }
}
