//! The protobuf wire format, read strictly: what a message is made of, before anyone knows what it means.

use std::fmt;

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub why: String,
}

impl Fault {
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

/// The value of a field, of a wire type that schemas of today use. Others are only skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Four bytes.
    Fixed32,
    Other,
}

/// Walks over the fields of one message.
pub struct Fields<'a> {
    input: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn new(input: &'a [u8]) -> Self {
        Self { input }
    }

    /// The next field's number and value; `None` at the end of the message.
    pub fn next(&mut self) -> Result<Option<(u32, Value<'a>)>, Fault> {
        if self.input.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        let value = match wire_type {
            0 => Value::Varint(self.varint()?.0),
            1 => self.take(8).map(|_| Value::Other)?,
            2 => Value::Bytes(self.delimited()?),
            5 => self.take(4).map(|_| Value::Fixed32)?,
            // there are no groups
            _ => return Err(Fault::new(format!("wire type {wire_type}"))),
        };
        Ok(Some((number, value)))
    }

    /// The next of packed numbers; `None` at their end.
    pub fn packed(&mut self) -> Result<Option<u64>, Fault> {
        if self.input.is_empty() { Ok(None) } else { Ok(Some(self.varint()?.0)) }
    }

    /// What is left of the message.
    pub fn rest(&self) -> usize {
        self.input.len()
    }

    fn tag(&mut self) -> Result<(u32, u8), Fault> {
        let (tag, bytes) = self.varint()?;
        if bytes != prost::encoding::encoded_len_varint(tag) {
            return Err(Fault::new("a tag that is not in its shortest form"));
        }
        let tag = u32::try_from(tag).map_err(|_| Fault::new("a tag of more than 32 bits"))?;
        match (tag >> 3, (tag & 7) as u8) {
            (0, _) => Err(Fault::new("a field with number 0")),
            field => Ok(field),
        }
    }

    fn delimited(&mut self) -> Result<&'a [u8], Fault> {
        match self.varint()? {
            (length, 1..=5) => self.take(usize::try_from(length).unwrap_or(usize::MAX)),
            _ => Err(Fault::new("a length of more than five bytes")),
        }
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.input.split_at_checked(length).ok_or_else(|| Fault::new("a field that goes over the end"))?;
        self.input = rest;
        Ok(taken)
    }

    /// A varint and how many bytes it has. At most ten, and no bits above the 64th: a decoder that cuts those off reads something else than one that does not.
    fn varint(&mut self) -> Result<(u64, usize), Fault> {
        let mut value = 0u64;
        for index in 0..10 {
            let byte = self.take(1)?[0];
            if index == 9 && byte > 1 {
                return Err(Fault::new("a varint of more than 64 bits"));
            }
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte < 0x80 {
                return Ok((value, index + 1));
            }
        }
        Err(Fault::new("a varint of more than ten bytes"))
    }
}
