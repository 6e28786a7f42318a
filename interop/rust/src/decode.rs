//! `--decode-stdin`: what frames are, for the vectors of test/fixtures.

use crate::frame::{MAX_FIRST_FRAME, MAX_FRAME, length};
use crate::message::{self, Body, Incoming, Refusal};
use crate::report::report;
use crate::wire::Fault;
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::{self, BufRead};

/// Each line is a frame in hex, after the word `before` where it is the first one of a session.
pub fn run(lines: impl BufRead) -> io::Result<()> {
    for line in lines.lines() {
        let line = line?;
        let (frame, is_first) = line.strip_prefix("before ").map_or((line.as_str(), false), |frame| (frame, true));
        let mut event = match hex::decode(frame) {
            Ok(bytes) => verdict(&bytes.into(), is_first),
            Err(error) => json!({ "verdict": "error", "why": error.to_string() }),
        };
        event["event"] = "decoded".into();
        report(&event);
    }
    Ok(())
}

fn verdict(bytes: &Bytes, is_first: bool) -> Value {
    let (length, head) = match length(bytes, if is_first { MAX_FIRST_FRAME } else { MAX_FRAME }) {
        Ok(Some(found)) => found,
        Ok(None) => return json!({ "verdict": "lost" }),
        Err(fault) => return violation(&fault),
    };
    if bytes.len() < head + length {
        return json!({ "verdict": "lost" });
    }
    match message::decode(&bytes.slice(head..head + length)) {
        Ok(Incoming { body, .. }) if is_first && !matches!(body, Some(Body::Handshake(_) | Body::Disconnect(_))) => {
            violation(&Fault::new("a first frame that is no handshake"))
        }
        Ok(Incoming { body: Some(Body::Handshake(_)), .. }) if !is_first => violation(&Fault::new("a second handshake")),
        Ok(Incoming { body: None, .. }) => json!({ "verdict": "ignored" }),
        Ok(Incoming { request_id, body: Some(body), .. }) => json!({
            "verdict": "valid", "type": message::name(&body), "frame": hex::encode(message::frame(request_id, body)),
        }),
        Err(Refusal::Item(Fault { why })) if !is_first => json!({ "verdict": "rejected", "why": why }),
        Err(Refusal::Item(fault) | Refusal::Violation(fault)) => violation(&fault),
    }
}

fn violation(fault: &Fault) -> Value {
    json!({ "verdict": "violation", "why": fault.why })
}
