//! The structures of the Arrow C data interface, and who releases them.
//!
//! **Source** <https://arrow.apache.org/docs/format/CDataInterface.html> and `CStreamInterface.html`.

#![expect(unsafe_code, reason = "the Arrow C data interface is made of raw pointers")]

use std::ffi::{c_char, c_int, c_void, CStr};
use std::mem::MaybeUninit;
use std::ptr::NonNull;

macro_rules! moved {
    ($type:ty) => {
        impl $type {
            /// Moves the structure out of a producer's, which is then a released one.
            ///
            /// # Safety
            /// `place` holds an initialised structure, which nobody else reads or writes meanwhile.
            pub unsafe fn moved_out_of(place: NonNull<Self>) -> Self {
                // SAFETY: the caller promises an initialised structure; without `release` it is a released one.
                unsafe {
                    let moved = place.as_ptr().read();
                    (*place.as_ptr()).release = None;
                    moved
                }
            }
        }
    };
}

macro_rules! released_once {
    ($type:ty) => {
        impl Drop for $type {
            fn drop(&mut self) {
                if let Some(release) = self.release {
                    // SAFETY: a producer's `release` takes the structure it stands in, or a moved one, once.
                    unsafe { release(self) }
                }
            }
        }
    };
}

/// What an array is made of.
#[repr(C)]
pub struct ArrowSchema {
    format: *const c_char,
    name: *const c_char,
    metadata: *const c_char,
    flags: i64,
    n_children: i64,
    children: *const *const ArrowSchema,
    dictionary: *const ArrowSchema,
    pub release: Option<unsafe extern "C" fn(*mut ArrowSchema)>,
    private_data: *mut c_void,
}

// SAFETY: the interface lets structures be read and released by any thread, one after the other.
unsafe impl Send for ArrowSchema {}

released_once!(ArrowSchema);

impl ArrowSchema {
    /// The format; `None` where it is none.
    pub fn format(&self) -> Option<&str> {
        text(self.format)
    }

    /// The name of a field; empty where it has none.
    pub fn name(&self) -> Option<&str> {
        if self.name.is_null() {
            Some("")
        } else {
            text(self.name)
        }
    }

    /// The children; `None` where they are not there.
    pub fn children(&self) -> Option<Vec<&Self>> {
        children(self.n_children, self.children)
    }

    /// The schema of the dictionary, where the column is coded.
    pub fn dictionary(&self) -> Option<&Self> {
        // SAFETY: a producer's pointer is NULL or that of a schema that lives as long as this one.
        unsafe { self.dictionary.as_ref() }
    }
}

fn text<'a>(text: *const c_char) -> Option<&'a str> {
    // SAFETY: a producer's text that is not NULL ends with a zero byte, and lives as long as its schema.
    NonNull::new(text.cast_mut()).and_then(|text| unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().ok())
}

fn children<'a, T>(count: i64, pointers: *const *const T) -> Option<Vec<&'a T>> {
    let count = usize::try_from(count).ok()?;
    if count == 0 {
        return Some(Vec::new());
    }
    if pointers.is_null() {
        return None;
    }
    // SAFETY: a producer's children are `count` pointers, each NULL or that of a structure that lives as long as its
    // parent.
    (0..count).map(|place| unsafe { pointers.add(place).read_unaligned().as_ref() }).collect()
}

/// The memory of an array.
#[repr(C)]
pub struct ArrowArray {
    pub length: i64,
    pub null_count: i64,
    pub offset: i64,
    pub n_buffers: i64,
    n_children: i64,
    buffers: *const *const u8,
    children: *const *const ArrowArray,
    dictionary: *const ArrowArray,
    pub release: Option<unsafe extern "C" fn(*mut ArrowArray)>,
    private_data: *mut c_void,
}

// SAFETY: the interface lets structures be read and released by any thread, one after the other; nothing here writes.
unsafe impl Send for ArrowArray {}
// SAFETY: see above.
unsafe impl Sync for ArrowArray {}

moved!(ArrowArray);
released_once!(ArrowArray);

impl ArrowArray {
    /// A buffer; `None` where there is none of that number, or a NULL one.
    pub fn buffer(&self, number: usize) -> Option<NonNull<u8>> {
        let count = usize::try_from(self.n_buffers).unwrap_or(0);
        if number >= count || self.buffers.is_null() {
            return None;
        }
        // SAFETY: a producer's buffers are `n_buffers` pointers.
        NonNull::new(unsafe { self.buffers.add(number).read_unaligned() }.cast_mut())
    }

    /// The children, when there are so many; `None` where they are not there.
    pub fn children(&self, count: usize) -> Option<Vec<&Self>> {
        if usize::try_from(self.n_children) != Ok(count) {
            return None;
        }
        children(self.n_children, self.children)
    }

    /// The texts that codes stand for.
    pub fn dictionary(&self) -> Option<&Self> {
        // SAFETY: a producer's pointer is NULL or that of an array that lives as long as this one.
        unsafe { self.dictionary.as_ref() }
    }
}

/// Arrays of one schema, one after the other.
#[repr(C)]
pub struct ArrowArrayStream {
    get_schema: Option<unsafe extern "C" fn(*mut Self, *mut ArrowSchema) -> c_int>,
    get_next: Option<unsafe extern "C" fn(*mut Self, *mut ArrowArray) -> c_int>,
    get_last_error: Option<unsafe extern "C" fn(*mut Self) -> *const c_char>,
    pub release: Option<unsafe extern "C" fn(*mut Self)>,
    private_data: *mut c_void,
}

// SAFETY: the interface lets a stream be used by any thread, one after the other.
unsafe impl Send for ArrowArrayStream {}

moved!(ArrowArrayStream);
released_once!(ArrowArrayStream);

impl ArrowArrayStream {
    /// The schema of the arrays.
    ///
    /// **Errors** the words of the producer.
    pub fn schema(&mut self) -> Result<ArrowSchema, String> {
        let mut schema = MaybeUninit::<ArrowSchema>::zeroed();
        let get = self.get_schema.ok_or("it gives no schema")?;
        // SAFETY: a producer's callback takes its stream and a place for the schema.
        match unsafe { get(self, schema.as_mut_ptr()) } {
            // SAFETY: the callback filled it; zeros are a schema without anything.
            0 => Ok(unsafe { schema.assume_init() }),
            code => Err(self.last_error(code)),
        }
    }

    /// The next array; a released one at the end.
    ///
    /// **Errors** the words of the producer.
    pub fn next(&mut self) -> Result<ArrowArray, String> {
        let mut array = MaybeUninit::<ArrowArray>::zeroed();
        let get = self.get_next.ok_or("it gives no arrays")?;
        // SAFETY: a producer's callback takes its stream and a place for the array.
        match unsafe { get(self, array.as_mut_ptr()) } {
            // SAFETY: the callback filled it; zeros are a released array.
            0 => Ok(unsafe { array.assume_init() }),
            code => Err(self.last_error(code)),
        }
    }

    fn last_error(&mut self, code: c_int) -> String {
        // SAFETY: a producer's callback takes its stream; its text is NULL or ends with a zero byte.
        let words = self.get_last_error.and_then(|get| unsafe {
            let words = get(self);
            (!words.is_null()).then(|| CStr::from_ptr(words).to_string_lossy().into_owned())
        });
        words.unwrap_or_else(|| format!("error {code}"))
    }
}
