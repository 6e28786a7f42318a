//! What frames are, without a session: `--decode-stdin` for the vectors of test/fixtures, `--judge-stdin` for many frames a second.

use crate::frame::{MAX_FIRST_FRAME, MAX_FRAME, length};
use crate::message::{self, Body, Incoming, Refusal};
use crate::report::report;
use crate::wire::Fault;
use bytes::Bytes;
use serde_json::{Value, json};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};

/// What becomes of a frame.
enum Verdict {
    /// What it is, encoded again, and the items in it as they came.
    Valid {
        kind: &'static str,
        frame: Bytes,
        items: Vec<Bytes>,
    },
    Ignored,
    Rejected(Fault),
    Lost,
    Violation(Fault),
}

/// Each line is a frame in hex, after the word `before` where it is the first one of a session, or `featured` where the session has every feature.
pub fn run(lines: impl BufRead) -> io::Result<()> {
    for line in lines.lines() {
        let line = line?;
        let (frame, is_first) = line.strip_prefix("before ").map_or((line.as_str(), false), |frame| (frame, true));
        let (frame, is_featured) = frame.strip_prefix("featured ").map_or((frame, false), |frame| (frame, true));
        let mut event = match hex::decode(frame) {
            Ok(bytes) => verdict(&bytes.into(), is_first, is_featured).json(),
            Err(error) => json!({ "verdict": "error", "why": error.to_string() }),
        };
        event["event"] = "decoded".into();
        report(&event);
    }
    Ok(())
}

/// Questions and answers in the binary form of interop/README.md.
pub fn judge(input: impl Read, output: impl Write) -> io::Result<()> {
    let (mut input, mut output) = (BufReader::with_capacity(1 << 16, input), BufWriter::with_capacity(1 << 16, output));
    while !input.fill_buf()?.is_empty() {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        let mut question = vec![0; u32::from_be_bytes(length) as usize];
        input.read_exact(&mut question)?;
        let question = Bytes::from(question);
        let (is_first, is_featured) = (question.first() == Some(&0), question.first() == Some(&2));
        let answer = verdict(&question.slice(question.len().min(1)..), is_first, is_featured).bytes();
        output.write_all(&u32::try_from(answer.len()).map_err(io::Error::other)?.to_be_bytes())?;
        output.write_all(&answer)?;
        if input.buffer().is_empty() {
            output.flush()?;
        }
    }
    output.flush()
}

fn verdict(bytes: &Bytes, is_first: bool, is_featured: bool) -> Verdict {
    let (length, head) = match length(bytes, if is_first { MAX_FIRST_FRAME } else { MAX_FRAME }) {
        Ok(Some(found)) => found,
        Ok(None) => return Verdict::Lost,
        Err(fault) => return Verdict::Violation(fault),
    };
    if bytes.len() < head + length {
        return Verdict::Lost;
    }
    match message::decode(&bytes.slice(head..head + length), is_featured) {
        Ok(Incoming { body, .. }) if is_first && !matches!(body, Some(Body::Handshake(_) | Body::Disconnect(_))) => {
            Verdict::Violation(Fault::new("a first frame that is no handshake"))
        }
        Ok(Incoming { body: Some(Body::Handshake(_)), .. }) if !is_first => Verdict::Violation(Fault::new("a second handshake")),
        Ok(Incoming { body: None, .. }) => Verdict::Ignored,
        Ok(Incoming { request_id, body: Some(body), items }) => {
            Verdict::Valid { kind: message::name(&body), frame: message::frame(request_id, body), items }
        }
        Err(Refusal::Item(fault)) if !is_first => Verdict::Rejected(fault),
        Err(Refusal::Item(fault) | Refusal::Violation(fault)) => Verdict::Violation(fault),
    }
}

impl Verdict {
    fn json(&self) -> Value {
        match self {
            Self::Valid { kind, frame, .. } => json!({ "verdict": "valid", "type": kind, "frame": hex::encode(frame) }),
            Self::Ignored => json!({ "verdict": "ignored" }),
            Self::Rejected(Fault { why }) => json!({ "verdict": "rejected", "why": why }),
            Self::Lost => json!({ "verdict": "lost" }),
            Self::Violation(Fault { why }) => json!({ "verdict": "violation", "why": why }),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Valid { frame, items, .. } => {
                let mut answer = vec![0];
                answer.extend_from_slice(&(frame.len() as u32).to_be_bytes());
                answer.extend_from_slice(frame);
                items.iter().for_each(|item| answer.extend_from_slice(&message::digest(item)));
                answer
            }
            Self::Ignored => vec![1],
            Self::Rejected(_) => vec![2],
            Self::Lost => vec![3],
            Self::Violation(_) => vec![4],
        }
    }
}
