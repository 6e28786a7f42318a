//! libp2p: TCP, WebSocket, relayed and private connections, and the streams of the protocol on them.

use crate::args::Args;
use crate::dht::{self, Searches};
use crate::node::{Direction, Node};
use crate::records;
use crate::report::report;
use crate::session;
use futures::StreamExt as _;
use futures::future::Either;
use libp2p::core::transport::ListenerId;
use libp2p::core::upgrade::Version;
use libp2p::identity::Keypair;
use libp2p::kad::store::MemoryStore;
use libp2p::multiaddr::Protocol;
use libp2p::pnet::{PnetConfig, PreSharedKey};
use libp2p::swarm::behaviour::toggle::Toggle;
use libp2p::swarm::dial_opts::{DialOpts, PeerCondition};
use libp2p::swarm::{NetworkBehaviour, SwarmEvent};
use libp2p::{
    Multiaddr, PeerId, StreamProtocol, Swarm, SwarmBuilder, Transport as _, identify, kad, noise, ping, relay, tcp, websocket, yamux,
};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// What the command line and the commands want of libp2p.
pub enum Task {
    Dial(Multiaddr),
    /// The addresses of a peer that the DHT knows.
    Find(PeerId, oneshot::Sender<Vec<Multiaddr>>),
}

pub const PROTOCOL: StreamProtocol = StreamProtocol::new("/vibecoin/1.0.0");

/// How long a connection may be without a stream: where there are two to a peer, a session may be on the other one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(NetworkBehaviour)]
pub struct Behaviour {
    streams: libp2p_stream::Behaviour,
    relay_client: Toggle<relay::client::Behaviour>,
    relay_server: Toggle<relay::Behaviour>,
    dht: Toggle<kad::Behaviour<MemoryStore>>,
    /// Only where there are relays or a DHT: the protocol itself does not need it.
    identify: Toggle<identify::Behaviour>,
    /// Only where there is a DHT: nodes of others are pinged before they are taken into it.
    ping: Toggle<ping::Behaviour>,
}

impl Behaviour {
    fn new(key: &Keypair, client: Option<relay::client::Behaviour>, args: &Args) -> Self {
        let id = key.public().to_peer_id();
        let is_asked = args.relay.is_some() || args.relay_server || args.dht;
        Self {
            streams: libp2p_stream::Behaviour::new(),
            relay_client: client.into(),
            dht: args.dht.then(|| dht::server(id, &args.network)).into(),
            relay_server: args.relay_server.then(|| relay::Behaviour::new(id, relay::Config::default())).into(),
            ping: args.dht.then(ping::Behaviour::default).into(),
            identify: is_asked.then(|| identify::Behaviour::new(identify::Config::new("vibecoin/1".into(), key.public()))).into(),
        }
    }
}

/// The identity: that of `--seed`, or a new one.
pub fn identity(args: &Args) -> Result<Keypair> {
    Ok(match &args.seed {
        Some(seed) => Keypair::ed25519_from_bytes(seed.0.to_vec())?,
        None => Keypair::generate_ed25519(),
    })
}

/// A node of libp2p. In a private network it dials and listens with TCP and WebSocket, and through no relay.
pub async fn build(key: Keypair, args: &Args) -> Result<Swarm<Behaviour>> {
    // a block should not wait for the answer to the one before
    let tcp_config = tcp::Config::default().nodelay(true);
    let builder = SwarmBuilder::with_existing_identity(key).with_tokio();
    if let Some(file) = &args.swarm_key {
        let psk: PreSharedKey = std::fs::read_to_string(file)?.parse()?;
        return Ok(builder
            .with_other_transport(|key| {
                let web_socket = websocket::Config::new(tcp::tokio::Transport::new(tcp_config.clone()));
                // WebSocket first: TCP would take its addresses too
                let transport = web_socket
                    .map(|socket, _| Either::Left(socket))
                    .or_transport(tcp::tokio::Transport::new(tcp_config).map(|socket, _| Either::Right(socket)))
                    .map(|socket, _| socket.into_inner())
                    .and_then(move |socket, _| PnetConfig::new(psk).handshake(socket))
                    .upgrade(Version::V1Lazy)
                    .authenticate(noise::Config::new(key)?)
                    .multiplex(yamux::Config::default());
                Ok::<_, Box<dyn Error + Send + Sync>>(transport)
            })?
            .with_behaviour(|key| Behaviour::new(key, None, args))?
            .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
            .build());
    }
    Ok(builder
        .with_tcp(tcp_config, noise::Config::new, yamux::Config::default)?
        .with_dns()?
        .with_websocket(noise::Config::new, yamux::Config::default)
        .await?
        .with_relay_client(noise::Config::new, yamux::Config::default)?
        .with_behaviour(|key, client| Behaviour::new(key, Some(client), args))?
        .with_swarm_config(|config| config.with_idle_connection_timeout(IDLE_TIMEOUT))
        .build())
}

/// libp2p at work: it accepts streams, does what it is told, and opens a stream on each connection that was dialled for one.
struct Host {
    swarm: Swarm<Behaviour>,
    key: Keypair,
    node: Arc<Node>,
    control: libp2p_stream::Control,
    starting: Starting,
    /// Those that are dialled for a session. The DHT and relays dial too.
    wanted: HashSet<PeerId>,
    searches: Searches,
}

/// Runs libp2p, and does what comes in `todo`.
pub async fn run(swarm: Swarm<Behaviour>, key: Keypair, node: Arc<Node>, mut todo: mpsc::UnboundedReceiver<Task>) -> Result<()> {
    let control = swarm.behaviour().streams.new_control();
    let (starting, wanted, searches) = (Starting::default(), HashSet::new(), Searches::default());
    let mut host = Host { swarm, key, node, control, starting, wanted, searches };
    host.listen()?;
    loop {
        tokio::select! {
            Some(task) = todo.recv() => host.on_task(task),
            event = host.swarm.select_next_some() => host.on_event(event)?,
        }
    }
}

impl Host {
    fn listen(&mut self) -> Result<()> {
        tokio::spawn(accept(self.control.accept(PROTOCOL)?, self.node.clone()));
        let args = &self.node.args;
        let circuit = args.relay.iter().map(|relay| relay.clone().with(Protocol::P2pCircuit));
        for address in args.listen.iter().cloned().chain(circuit) {
            self.starting.silent.insert(self.swarm.listen_on(address)?);
        }
        self.starting.say(&self.swarm);
        Ok(())
    }

    fn on_task(&mut self, task: Task) {
        match task {
            Task::Dial(address) => {
                let Some(Protocol::P2p(peer)) = address.iter().last() else { return };
                self.wanted.insert(peer);
                // also where there is a connection: one session for each pair is what sorts them out
                let options = DialOpts::peer_id(peer).condition(PeerCondition::Always).addresses(vec![address]).build();
                if let Err(error) = self.swarm.dial(options) {
                    self.unreachable(peer, &error);
                }
            }
            Task::Find(peer, reply) => {
                if let Some(dht) = self.swarm.behaviour_mut().dht.as_mut() {
                    self.searches.begin(dht, peer, reply);
                }
            }
        }
    }

    fn on_event(&mut self, event: SwarmEvent<BehaviourEvent>) -> Result<()> {
        match event {
            SwarmEvent::ConnectionEstablished { peer_id, endpoint, .. } if endpoint.is_dialer() && self.wanted.remove(&peer_id) => {
                tokio::spawn(open(self.control.clone(), self.node.clone(), peer_id));
            }
            SwarmEvent::NewListenAddr { listener_id, address } => {
                if self.node.args.relay_server {
                    // a relay tells its clients only addresses that it knows to work
                    self.swarm.add_external_address(address.clone());
                }
                self.starting.addresses.entry(listener_id).or_insert(address);
                self.starting.silent.remove(&listener_id);
                self.starting.say(&self.swarm);
                if self.starting.is_told
                    && let Some(record) = records::sign(&self.key, self.starting.addresses.values().cloned().collect())
                {
                    let _ = self.node.record.set(record);
                }
            }
            SwarmEvent::ConnectionClosed { peer_id, num_established: 0, cause, .. } => {
                let cause = cause.map(|cause| chain_of(&cause));
                report(&json!({ "event": "disconnected", "peer": peer_id.to_string(), "cause": cause }));
            }
            SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => self.unreachable(peer, &error),
            SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received { peer_id, info, .. })) => {
                if let Some(dht) = self.swarm.behaviour_mut().dht.as_mut() {
                    for address in info.listen_addrs {
                        dht.add_address(&peer_id, address);
                    }
                }
            }
            SwarmEvent::Behaviour(BehaviourEvent::Dht(event)) => self.searches.on_event(event),
            SwarmEvent::ListenerClosed { reason: Err(error), .. } => return Err(error.into()),
            _ => {}
        }
        Ok(())
    }

    /// Says that there is no connection, where one was wanted.
    fn unreachable(&mut self, peer: PeerId, error: &dyn Error) {
        if self.wanted.remove(&peer) {
            report(&json!({ "event": "unreachable", "peer": peer.to_string(), "cause": chain_of(error) }));
        }
    }
}

/// Takes the streams that others open. A task of its own: libp2p-stream drops those that are not taken at once.
async fn accept(mut incoming: libp2p_stream::IncomingStreams, node: Arc<Node>) {
    while let Some((peer, stream)) = incoming.next().await {
        tokio::spawn(session::run(node.clone(), stream, peer, Direction::Inbound));
    }
}

/// Opens the stream of a session.
async fn open(mut control: libp2p_stream::Control, node: Arc<Node>, peer: PeerId) {
    match control.open_stream(peer, PROTOCOL).await {
        Ok(stream) => session::run(node, stream, peer, Direction::Outbound).await,
        Err(error) => report(&json!({ "event": "unreachable", "peer": peer.to_string(), "cause": chain_of(&error) })),
    }
}

/// Listeners that have no address yet, and the first address of each that has one.
#[derive(Default)]
struct Starting {
    silent: HashSet<ListenerId>,
    addresses: HashMap<ListenerId, Multiaddr>,
    is_told: bool,
}

impl Starting {
    /// Says that the peer has started, once every listener has an address.
    fn say(&mut self, swarm: &Swarm<Behaviour>) {
        if self.is_told || !self.silent.is_empty() {
            return;
        }
        self.is_told = true;
        let id = *swarm.local_peer_id();
        let complete = |address: &Multiaddr| match address.iter().last() {
            Some(Protocol::P2p(peer)) if peer == id => address.to_string(),
            _ => address.clone().with(Protocol::P2p(id)).to_string(),
        };
        let addresses: Vec<String> = self.addresses.values().map(complete).collect();
        report(&json!({ "event": "started", "id": id.to_string(), "addresses": addresses }));
    }
}

/// An error and what has caused it.
fn chain_of(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
