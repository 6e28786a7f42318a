//! The command line and the commands of interop/README.md.

use crate::message::{COMPACT_BLOCKS, PEERS, SHORT_DIGESTS};
use bytes::Bytes;
use clap::Parser;
use libp2p::{Multiaddr, PeerId};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Parser, Clone, Debug)]
pub struct Args {
    #[arg(long)]
    pub listen: Vec<Multiaddr>,
    #[arg(long)]
    pub dial: Vec<Multiaddr>,
    #[arg(long, default_value = "vibecoin-test")]
    pub network: String,
    #[arg(long, value_parser = hash, default_value = "0101010101010101010101010101010101010101010101010101010101010101")]
    pub genesis: Hex,
    /// Blocks above the genesis block, and the bytes of each one's proof.
    #[arg(long, value_parser = chain, default_value = "0")]
    pub chain: (u64, usize),
    #[arg(long, default_value_t = 1024, value_parser = clap::value_parser!(u64).range(1..))]
    pub serve_limit: u64,
    #[arg(long, value_parser = hash)]
    pub seed: Option<Hex>,
    #[arg(long, default_value_t = 1)]
    pub version: u32,
    #[arg(long)]
    pub swarm_key: Option<PathBuf>,
    #[arg(long)]
    pub relay: Option<Multiaddr>,
    #[arg(long)]
    pub relay_server: bool,
    /// Be a server of the DHT of the network.
    #[arg(long)]
    pub dht: bool,
    /// Fetch what other peers have above the chain of this one.
    #[arg(long)]
    pub follow: bool,
    /// A peer that is refused; can be there more than once.
    #[arg(long)]
    pub ban: Vec<PeerId>,
    #[arg(long, default_value_t = 64)]
    pub max_peers: usize,
    /// The features that it offers, with a comma in between.
    #[arg(long, value_parser = features, default_value = "short-digests,compact-blocks,peers")]
    pub features: Features,
    #[arg(long)]
    pub decode_stdin: bool,
    #[arg(long)]
    pub judge_stdin: bool,
}

/// Bits of a handshake.
#[derive(Clone, Copy, Debug)]
pub struct Features(pub u64);

fn features(list: &str) -> Result<Features, String> {
    let bit = |name: &str| match name {
        "short-digests" => Ok(SHORT_DIGESTS),
        "compact-blocks" => Ok(COMPACT_BLOCKS),
        "peers" => Ok(PEERS),
        _ => Err(format!("this peer has no feature {name}")),
    };
    list.split(',').filter(|name| !name.is_empty()).try_fold(0, |bits, name| Ok(bits | bit(name)?)).map(Features)
}

/// 32 bytes.
#[derive(Clone, Debug)]
pub struct Hex(pub Bytes);

fn hash(text: &str) -> Result<Hex, String> {
    match hex::decode(text) {
        Ok(bytes) if bytes.len() == 32 => Ok(Hex(bytes.into())),
        Ok(bytes) => Err(format!("{} bytes, not 32", bytes.len())),
        Err(error) => Err(error.to_string()),
    }
}

fn chain(text: &str) -> Result<(u64, usize), std::num::ParseIntError> {
    match text.split_once(',') {
        Some((length, size)) => Ok((length.parse()?, size.parse()?)),
        None => Ok((text.parse()?, 0)),
    }
}

/// A line of standard input.
#[derive(Deserialize, Debug)]
pub struct Line {
    pub id: u64,
    #[serde(flatten)]
    pub command: Command,
}

#[derive(Deserialize, Debug)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    Dial {
        address: Multiaddr,
    },
    Broadcast {
        kind: Item,
        #[serde(default)]
        size: usize,
        #[serde(default)]
        announce: bool,
    },
    Block {
        peer: String,
        height: u64,
    },
    Range {
        peer: String,
        from: u64,
        to: u64,
    },
    Sync {
        peer: String,
        to: u64,
    },
    Send {
        peer: String,
        frame: String,
    },
    Find {
        peer: String,
    },
    Peers {
        peer: String,
        count: u32,
    },
    Tip,
    Disconnect {
        peer: String,
        reason: String,
        #[serde(default)]
        detail: String,
    },
}

#[derive(Deserialize, Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    Block,
    Transaction,
}
