//! A small peer of the VibeCoin protocol. interop/README.md says what it is told, and what it says.

mod args;
mod chain;
mod compact;
mod decode;
mod dht;
mod frame;
mod grammar;
mod items;
mod message;
mod node;
mod outbox;
mod records;
mod report;
mod requests;
mod session;
mod swarm;
mod sync;
mod wire;

use args::{Args, Command, Line};
use clap::Parser as _;
use libp2p::{Multiaddr, PeerId};
use message::Reason;
use node::Node;
use report::report;
use requests::Request;
use serde_json::{Value, json};
use session::Order;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use swarm::Task;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::sync::{mpsc, oneshot};

/// How long sessions may take to say good-bye.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(600);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    // RUST_LOG=libp2p=debug and the like
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::from_default_env()).with_writer(std::io::stderr).init();
    let args = Args::parse();
    if args.decode_stdin {
        return Ok(decode::run(std::io::stdin().lock())?);
    }
    if args.judge_stdin {
        return Ok(decode::judge(std::io::stdin().lock(), std::io::stdout().lock())?);
    }
    let key = swarm::identity(&args)?;
    let node = Arc::new(Node::new(key.public().to_peer_id(), args.clone()));
    let swarm = swarm::build(key.clone(), &args).await?;
    let (tasks, todo) = mpsc::unbounded_channel();
    args.dial.iter().cloned().try_for_each(|address| tasks.send(Task::Dial(address)))?;
    tokio::select! {
        result = swarm::run(swarm, key, node.clone(), todo) => result,
        () = obey(node, tasks) => Ok(()),
    }
}

/// Carries out what comes on standard input, until it ends.
async fn obey(node: Arc<Node>, tasks: mpsc::UnboundedSender<Task>) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let Line { id, command } = match serde_json::from_str(&line) {
            Ok(line) => line,
            Err(error) => {
                report(&json!({ "event": "done", "id": null, "error": error.to_string() }));
                continue;
            }
        };
        let (node, tasks) = (node.clone(), tasks.clone());
        tokio::spawn(async move {
            let mut done = match carry_out(&node, &tasks, command).await {
                Ok(done) => done,
                Err(error) => json!({ "error": error }),
            };
            done["event"] = "done".into();
            done["id"] = id.into();
            report(&done);
        });
    }
    for session in node.sessions() {
        let _ = session.orders.send(Order::End(Reason::Shutdown, ""));
    }
    tokio::time::sleep(SHUTDOWN_TIMEOUT).await;
}

async fn carry_out(node: &Arc<Node>, tasks: &mpsc::UnboundedSender<Task>, command: Command) -> Result<Value, String> {
    match command {
        Command::Dial { address } => tasks.send(Task::Dial(address)).map_err(|error| error.to_string())?,
        Command::Find { peer } => {
            let (reply, found) = oneshot::channel();
            tasks.send(Task::Find(id(&peer)?, reply)).map_err(|error| error.to_string())?;
            let addresses: Vec<String> = found.await.map_err(|_| "there is no DHT")?.iter().map(Multiaddr::to_string).collect();
            return Ok(json!({ "addresses": addresses }));
        }
        Command::Tip => {
            let chain = node.chain.lock().unwrap();
            return Ok(json!({ "height": chain.height(), "hash": hex::encode(&chain.tip_hash) }));
        }
        Command::Broadcast { kind, size, announce } => {
            let (digest, height) = node.make(kind, size, announce);
            return Ok(json!({ "digest": hex::encode(digest), "height": height }));
        }
        Command::Block { peer, height } => {
            let (blocks, _) = sync::ask(node, &id(&peer)?, Request::Block(height)).await?;
            return Ok(json!({ "found": !blocks.is_empty(), "bytes": blocks.first().map_or(0, |(_, bytes)| bytes.len()) }));
        }
        Command::Range { peer, from, to } => {
            let (blocks, frames) = sync::ask(node, &id(&peer)?, Request::Range(from, to)).await?;
            let bytes: usize = blocks.iter().map(|(_, bytes)| bytes.len()).sum();
            return Ok(json!({ "blocks": blocks.len(), "bytes": bytes, "frames": frames }));
        }
        Command::Peers { peer, count } => {
            let found = sync::peers(node, &id(&peer)?, count).await?;
            let opened: Result<Vec<Value>, String> = found.iter().map(records::open).collect();
            return Ok(json!({ "peers": opened? }));
        }
        Command::Sync { peer, to } => return sync::sync(node, id(&peer)?, to).await,
        Command::Send { peer, frame } => {
            let frame = hex::decode(frame).map_err(|error| error.to_string())?;
            node.session(&id(&peer)?).ok_or("no session")?.send(frame.into());
        }
        Command::Disconnect { peer, reason, detail } => {
            let reason = Reason::from_str_name(&reason).ok_or("no such reason")?;
            let session = node.session(&id(&peer)?).ok_or("no session")?;
            session.orders.send(Order::Disconnect(reason, detail)).map_err(|error| error.to_string())?;
        }
    }
    Ok(json!({}))
}

fn id(text: &str) -> Result<PeerId, String> {
    text.parse().map_err(|_| format!("{text} is no peer id"))
}
