//! Typed arrays of JavaScript, and when their memory may be read where it lies.
//!
//! The one idea: where an array lies and how long it is, is asked anew for every use. Any JavaScript that runs in between
//! may shrink, move away or free the memory; during a call of the addon none runs on this thread, and memory that other
//! threads can write to is copied.

#![expect(unsafe_code, reason = "Node lends the memory of an array as a pointer")]

use crate::error::thrown;
use isofold::{Code, Error};
use napi::bindgen_prelude::{FromNapiValue, ToNapiValue, TypeName, ValidateNapiValue};
use napi::{check_status, sys, Result, ValueType};
use std::borrow::Cow;
use std::ffi::c_void;
use std::marker::PhantomData;
use std::ptr;

/// A number that typed arrays hold.
pub trait Element: Copy {
    /// What Node calls an array of them.
    const KIND: sys::napi_typedarray_type;
    /// What JavaScript calls it.
    const NAME: &'static str;
}

impl Element for u8 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::uint8_array;
    const NAME: &'static str = "Uint8Array";
}

impl Element for u32 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::uint32_array;
    const NAME: &'static str = "Uint32Array";
}

impl Element for i64 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::bigint64_array;
    const NAME: &'static str = "BigInt64Array";
}

impl Element for u64 {
    const KIND: sys::napi_typedarray_type = sys::TypedarrayType::biguint64_array;
    const NAME: &'static str = "BigUint64Array";
}

/// A typed array that is kept alive. Raw pointers keep it on JavaScript's thread.
pub struct Held<T> {
    env: sys::napi_env,
    reference: sys::napi_ref,
    elements: PhantomData<T>,
}

impl<T: Element> Held<T> {
    /// The elements as they are now: borrowed during a call of the addon, copied where other threads can write to them.
    ///
    /// **Errors** `host.argument` for another kind of array.
    pub fn look(&self) -> Result<Cow<'_, [T]>> {
        let (mut kind, mut length, mut offset) = (-1, 0, 0);
        let (mut array, mut buffer, mut data) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut::<c_void>());
        let mut is_own = false;
        // SAFETY: `env` and `reference` are those of `from_napi_value`, on the same thread; the rest are places of ours.
        check_status!(unsafe { sys::napi_get_reference_value(self.env, self.reference, &mut array) })?;
        // SAFETY: as above; `from_napi_value` has found `array` to be a typed array.
        check_status!(unsafe {
            sys::napi_get_typedarray_info(self.env, array, &mut kind, &mut length, &mut data, &mut buffer, &mut offset)
        })?;
        if kind != T::KIND {
            let message = format!("a {} is expected, got another typed array", T::NAME);
            return Err(thrown(&Error::new(Code::HostArgument, message)));
        }
        if length == 0 || data.is_null() {
            return Ok(Cow::Borrowed(&[]));
        }
        // SAFETY: as above. Shared memory is no `ArrayBuffer`.
        check_status!(unsafe { sys::napi_is_arraybuffer(self.env, buffer, &mut is_own) })?;
        let data = data.cast::<T>();
        if is_own && data.is_aligned() {
            // SAFETY: Node has just told these many elements to lie there. The borrow ends before the call of the addon
            // does, and until then no JavaScript runs on this thread, the only one that can reach the memory.
            return Ok(Cow::Borrowed(unsafe { std::slice::from_raw_parts(data, length) }));
        }
        let mut copy = Vec::<T>::with_capacity(length);
        // SAFETY: as above, and the vector has room. Bytes that change meanwhile are some bytes: every value is valid.
        unsafe {
            ptr::copy_nonoverlapping(data.cast::<u8>(), copy.as_mut_ptr().cast::<u8>(), length * size_of::<T>());
            copy.set_len(length);
        }
        Ok(Cow::Owned(copy))
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        // SAFETY: made by `from_napi_value` on this thread, and deleted here alone. At the end of the environment the
        // reference is gone already, which Node tells by a status that nobody needs.
        let _ = unsafe { sys::napi_delete_reference(self.env, self.reference) };
    }
}

impl<T: Element> TypeName for Held<T> {
    fn type_name() -> &'static str {
        T::NAME
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl<T: Element> ValidateNapiValue for Held<T> {
    unsafe fn validate(env: sys::napi_env, value: sys::napi_value) -> Result<sys::napi_value> {
        let mut is_array = false;
        // SAFETY: Node gives `env` and `value` for the time of this call.
        check_status!(unsafe { sys::napi_is_typedarray(env, value, &mut is_array) })?;
        if is_array {
            return Ok(ptr::null_mut());
        }
        let message = format!("a {} is expected", T::NAME);
        Err(thrown(&Error::new(Code::HostArgument, message)))
    }
}

impl<T: Element> FromNapiValue for Held<T> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> Result<Self> {
        // SAFETY: as this function's own.
        unsafe { Self::validate(env, value) }?;
        let mut reference = ptr::null_mut();
        // SAFETY: Node gives `env` and `value` for the time of this call.
        check_status!(unsafe { sys::napi_create_reference(env, value, 1, &mut reference) })?;
        Ok(Self { env, reference, elements: PhantomData })
    }
}

/// Elements that become a typed array of V8's own memory, which it gives back when it collects: what lies outside of it
/// waits for a turn of Node's loop.
pub struct Copied<T>(Vec<T>);

impl<T> From<Vec<T>> for Copied<T> {
    fn from(elements: Vec<T>) -> Self {
        Self(elements)
    }
}

impl<T: Element> TypeName for Copied<T> {
    fn type_name() -> &'static str {
        T::NAME
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl<T: Element> ToNapiValue for Copied<T> {
    unsafe fn to_napi_value(env: sys::napi_env, Self(elements): Self) -> Result<sys::napi_value> {
        let (mut array, mut buffer, mut data) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut::<c_void>());
        let bytes = size_of_val(elements.as_slice());
        // SAFETY: Node gives `env` for the time of this call; the rest are places of ours.
        check_status!(unsafe { sys::napi_create_arraybuffer(env, bytes, &mut data, &mut buffer) })?;
        if bytes > 0 {
            // SAFETY: Node has just made room for so many bytes there, which nobody else knows of.
            unsafe { ptr::copy_nonoverlapping(elements.as_ptr().cast::<u8>(), data.cast::<u8>(), bytes) };
        }
        // SAFETY: as above; the buffer has exactly these elements.
        check_status!(unsafe { sys::napi_create_typedarray(env, T::KIND, elements.len(), buffer, 0, &mut array) })?;
        Ok(array)
    }
}
