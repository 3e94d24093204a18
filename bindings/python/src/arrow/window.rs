//! Some rows of an array, whose memory may be read.

#![expect(unsafe_code, reason = "buffers are raw pointers, as long as their array says")]

use super::abi::ArrowArray;
use isofold::{limits, Code, Error, Result};
use std::borrow::Cow;
use std::mem::align_of;
use std::ptr::NonNull;
use std::slice::from_raw_parts;

/// The rows `first..first + rows` of an array's buffers, its offset included.
#[derive(Clone, Copy)]
pub struct Window<'a> {
    array: &'a ArrowArray,
    first: usize,
    pub rows: usize,
}

/// Numbers that any bytes are.
///
/// # Safety
/// Every pattern of bits is a value.
pub unsafe trait Plain: Copy {}

// SAFETY: as `Plain` asks.
unsafe impl Plain for i8 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for i16 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for i32 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for i64 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for u8 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for u16 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for u32 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for u64 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for u128 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for i128 {}
// SAFETY: as `Plain` asks.
unsafe impl Plain for [u64; 4] {}

pub fn malformed(what: impl std::fmt::Display) -> Error {
    Error::new(Code::HostArgument, format!("the Arrow array {what}"))
}

impl<'a> Window<'a> {
    /// All rows of an array.
    ///
    /// **Errors** `host.argument` for an array that is released, or whose length or offset no array has.
    pub fn whole(array: &'a ArrowArray) -> Result<Self> {
        if array.release.is_none() {
            return Err(malformed("is released already"));
        }
        let number = |value: i64| u64::try_from(value).ok().filter(|value| *value <= limits::MAX_ARROW_ROWS);
        match (number(array.length), number(array.offset)) {
            // cannot truncate: the interface is one of 64 bits here
            (Some(rows), Some(first)) => Ok(Self { array, first: first as usize, rows: rows as usize }),
            _ => Err(malformed(format_args!("has the length {} and the offset {}", array.length, array.offset))),
        }
    }

    /// The same rows of a child.
    ///
    /// **Errors** as [`Window::whole`]; `host.argument` for a child that is too short.
    pub fn of_child(&self, child: &'a ArrowArray) -> Result<Self> {
        let all = Self::whole(child)?;
        if all.rows < self.first + self.rows {
            return Err(malformed(format_args!("has {} rows, its parent {}", all.rows, self.first + self.rows)));
        }
        Ok(Self { first: all.first + self.first, rows: self.rows, ..all })
    }

    /// Its first row in the buffers.
    pub fn first(&self) -> usize {
        self.first
    }

    /// The array.
    pub fn array(&self) -> &'a ArrowArray {
        self.array
    }

    /// Which rows have a value; `None` when all have.
    ///
    /// **Errors** `host.argument` for NULLs without a bitmap.
    pub fn validity(&self) -> Result<Option<Vec<bool>>> {
        if self.rows == 0 {
            return Ok(None);
        }
        if self.array.buffer(0).is_none() {
            if self.array.null_count > 0 {
                return Err(malformed("has NULLs and no bitmap of them"));
            }
            return Ok(None);
        }
        // the bitmap is asked also where the count says that there are no NULLs
        let bits = self.bits(0)?;
        Ok(bits.contains(&false).then_some(bits))
    }

    /// The bits of a buffer.
    ///
    /// **Errors** `host.argument` for a buffer that is not there.
    pub fn bits(&self, buffer: usize) -> Result<Vec<bool>> {
        let (start, end) = (self.first / 8, (self.first + self.rows).div_ceil(8));
        let bytes = self.slice::<u8>(buffer, start, end - start)?;
        let bit = |row: usize| {
            let place = self.first - 8 * start + row;
            bytes[place / 8] >> (place % 8) & 1 == 1
        };
        Ok((0..self.rows).map(bit).collect())
    }

    /// The values of a buffer, where they lie if they lie straight.
    ///
    /// **Errors** `host.argument` for a buffer that is not there.
    pub fn values<T: Plain>(&self, buffer: usize) -> Result<Cow<'a, [T]>> {
        self.slice(buffer, self.first, self.rows)
    }

    /// The values of a buffer and the one after them: offsets.
    ///
    /// **Errors** `host.argument` for a buffer that is not there.
    pub fn offsets<T: Plain>(&self, buffer: usize) -> Result<Cow<'a, [T]>> {
        self.slice(buffer, self.first, self.rows + 1)
    }

    /// Values from one place of a buffer on.
    ///
    /// **Errors** `host.argument` for a buffer that is not there.
    pub fn slice<T: Plain>(&self, buffer: usize, start: usize, count: usize) -> Result<Cow<'a, [T]>> {
        if count == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        let Some(buffer) = self.array.buffer(buffer) else {
            return Err(malformed(format_args!("lacks its buffer {buffer}")));
        };
        let values: NonNull<T> = buffer.cast();
        // SAFETY: that a buffer is as long as its array says is all that the interface promises of it, and nobody writes
        // to it while the array is not released. The first one's place cannot overflow: at most
        // twice `limits::MAX_ARROW_ROWS` values of 32 bytes.
        unsafe {
            let values = values.as_ptr().wrapping_add(start);
            if values.addr().is_multiple_of(align_of::<T>()) {
                return Ok(Cow::Borrowed(from_raw_parts(values, count)));
            }
            Ok((0..count).map(|place| values.add(place).read_unaligned()).collect())
        }
    }
}
