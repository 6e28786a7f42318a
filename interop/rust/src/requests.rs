//! Requests that a session has made, and whether the answers are what was asked for.

use crate::message::proto::{self, Block};
use crate::message::{self, Body, Digest};
use crate::wire::Fault;
use bytes::Bytes;
use std::collections::HashMap;
use tokio::sync::mpsc::UnboundedSender;

#[derive(Debug)]
pub enum Request {
    Block(u64),
    /// Both ends included.
    Range(u64, u64),
    /// So many nodes to dial.
    Peers(u32),
    /// Transactions of a block, by their indexes.
    Transactions(Digest, Vec<u32>),
}

/// A frame of an answer: its blocks, as they came, and whether it was the last.
#[derive(Default)]
pub struct Answer {
    pub blocks: Vec<(Block, Bytes)>,
    pub peers: Vec<proto::PeerAddress>,
    pub transactions: Vec<Bytes>,
    pub last: bool,
}

struct Pending {
    request: Request,
    /// The height that comes next, and the hash that it has to be linked to.
    next: u64,
    previous: Option<Bytes>,
    /// Closed where the request was given up: what comes is ignored.
    reply: UnboundedSender<Answer>,
}

/// The requests of one session.
#[derive(Default)]
pub struct Requests {
    ids: u64,
    pending: HashMap<u64, Pending>,
}

impl Requests {
    /// The frame of a new request. `reply` gets the answers.
    pub fn ask(&mut self, request: Request, reply: UnboundedSender<Answer>) -> Bytes {
        self.ids += 1;
        let (next, body) = match &request {
            &Request::Block(height) => (height, Body::RequestBlock(proto::RequestBlock { height })),
            &Request::Range(start_height, end_height) => {
                (start_height, Body::RequestBlockRange(proto::RequestBlockRange { start_height, end_height }))
            }
            &Request::Peers(count) => (0, Body::RequestPeers(proto::RequestPeers { count })),
            Request::Transactions(digest, indexes) => {
                let digest = Bytes::copy_from_slice(digest);
                (0, Body::RequestTransactions(proto::RequestTransactions { digest, indexes: indexes.clone() }))
            }
        };
        self.pending.insert(self.ids, Pending { request, next, previous: None, reply });
        message::frame(self.ids, body)
    }

    pub fn on_block(&mut self, id: u64, block: Option<Block>, items: Vec<Bytes>) -> Result<(), Fault> {
        match self.pending.remove(&id) {
            Some(Pending { request: Request::Block(height), reply, .. }) => {
                if block.as_ref().is_some_and(|block| block.height != height) && !reply.is_closed() {
                    return Err(Fault::new("a block of another height"));
                }
                let _ = reply.send(Answer { blocks: block.into_iter().zip(items).collect(), last: true, ..Answer::default() });
                Ok(())
            }
            Some(_) => Err(Fault::new("a block in answer to another request")),
            None => Err(Fault::new("an answer that nobody asked for")),
        }
    }

    pub fn on_peers(&mut self, id: u64, peers: Vec<proto::PeerAddress>) -> Result<(), Fault> {
        match self.pending.remove(&id) {
            Some(Pending { request: Request::Peers(count), .. }) if peers.len() > count as usize => {
                Err(Fault::new(format!("{} peers, where {count} were asked for", peers.len())))
            }
            Some(Pending { request: Request::Peers(_), reply, .. }) => {
                let _ = reply.send(Answer { peers, last: true, ..Answer::default() });
                Ok(())
            }
            Some(_) => Err(Fault::new("peers in answer to another request")),
            None => Err(Fault::new("an answer that nobody asked for")),
        }
    }

    pub fn on_transactions(&mut self, id: u64, transactions: Vec<Bytes>) -> Result<(), Fault> {
        match self.pending.remove(&id) {
            Some(Pending { request: Request::Transactions(_, indexes), reply, .. }) => {
                // none: the peer does not have the block any more
                if !transactions.is_empty() && transactions.len() != indexes.len() && !reply.is_closed() {
                    return Err(Fault::new(format!("{} transactions, where {} were asked for", transactions.len(), indexes.len())));
                }
                let _ = reply.send(Answer { transactions, last: true, ..Answer::default() });
                Ok(())
            }
            Some(_) => Err(Fault::new("transactions in answer to another request")),
            None => Err(Fault::new("an answer that nobody asked for")),
        }
    }

    pub fn on_range(&mut self, id: u64, range: proto::ResponseBlockRange, items: Vec<Bytes>) -> Result<(), Fault> {
        let pending = self.pending.get_mut(&id).ok_or_else(|| Fault::new("an answer that nobody asked for"))?;
        let Request::Range(_, end) = pending.request else { return Err(Fault::new("a range in answer to another request")) };
        if !pending.reply.is_closed() {
            pending.check(&range.blocks, end)?;
            let blocks = range.blocks.into_iter().zip(items).collect();
            let _ = pending.reply.send(Answer { blocks, last: range.last, ..Answer::default() });
        }
        if range.last {
            self.pending.remove(&id);
        }
        Ok(())
    }
}

impl Pending {
    fn check(&mut self, blocks: &[Block], end: u64) -> Result<(), Fault> {
        for block in blocks {
            if block.height != self.next || block.height > end {
                return Err(Fault::new(format!("block {} where {} comes", block.height, self.next)));
            }
            if self.previous.as_ref().is_some_and(|hash| *hash != block.prev_hash) {
                return Err(Fault::new(format!("block {} is not linked", block.height)));
            }
            self.next += 1;
            self.previous = Some(block.hash.clone());
        }
        Ok(())
    }
}
