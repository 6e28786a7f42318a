//! Signed records: what a node says of itself, so that others can pass it on.

use crate::message::proto::PeerAddress;
use bytes::Bytes;
use libp2p::Multiaddr;
use libp2p::core::{PeerRecord, SignedEnvelope};
use libp2p::identity::Keypair;
use serde_json::{Value, json};

/// The record of a node at these addresses. Without `interop` libp2p signs for another domain, which other languages do not know.
pub fn sign(key: &Keypair, addresses: Vec<Multiaddr>) -> Option<Bytes> {
    let record = PeerRecord::new_interop(key, addresses).ok()?;
    Some(record.into_signed_envelope().into_protobuf_encoding().into())
}

/// Reads a record and verifies its signature: whose it is, and where that node can be dialled.
pub fn open(peer: &PeerAddress) -> Result<Value, String> {
    let envelope = SignedEnvelope::from_protobuf_encoding(&peer.record).map_err(|error| error.to_string())?;
    let record = PeerRecord::from_signed_envelope_interop(envelope).map_err(|error| error.to_string())?;
    let addresses: Vec<String> = record.addresses().iter().map(Multiaddr::to_string).collect();
    Ok(json!({ "peer": record.peer_id().to_string(), "addresses": addresses, "age": peer.age_minutes }))
}
