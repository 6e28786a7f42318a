//! The DHT of a network, where nodes find each other.

use libp2p::kad::store::MemoryStore;
use libp2p::kad::{Behaviour, Config, Event, GetClosestPeersError, Mode, QueryId, QueryResult};
use libp2p::{Multiaddr, PeerId, StreamProtocol};
use std::collections::HashMap;
use tokio::sync::oneshot;

/// A server of the DHT of a network.
pub fn server(id: PeerId, network: &str) -> Behaviour<MemoryStore> {
    let name = format!("/vibecoin/{}/kad/1.0.0", percent_encoded(network));
    let name = StreamProtocol::try_from_owned(name).expect("it begins with a slash");
    let mut dht = Behaviour::with_config(id, MemoryStore::new(id), Config::new(name));
    dht.set_mode(Some(Mode::Server));
    dht
}

/// As `encodeURIComponent` does it.
fn percent_encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte);
    text.bytes().map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Peers that are looked for.
#[derive(Default)]
pub struct Searches {
    begun: HashMap<QueryId, (PeerId, oneshot::Sender<Vec<Multiaddr>>)>,
}

impl Searches {
    /// Looks for a peer. `reply` gets its addresses: none where the DHT does not know it.
    pub fn begin(&mut self, dht: &mut Behaviour<MemoryStore>, peer: PeerId, reply: oneshot::Sender<Vec<Multiaddr>>) {
        self.begun.insert(dht.get_closest_peers(peer), (peer, reply));
    }

    pub fn on_event(&mut self, event: Event) {
        let Event::OutboundQueryProgressed { id, result: QueryResult::GetClosestPeers(result), step, .. } = event else { return };
        if !step.last {
            return;
        }
        let Some((wanted, reply)) = self.begun.remove(&id) else { return };
        let peers = match result {
            Ok(found) => found.peers,
            Err(GetClosestPeersError::Timeout { peers, .. }) => peers,
        };
        let found = peers.into_iter().find(|info| info.peer_id == wanted);
        let _ = reply.send(found.map(|info| info.addrs).unwrap_or_default());
    }
}
