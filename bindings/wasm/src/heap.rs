//! The heap: that of the standard library, grown in larger steps.
//!
//! The one idea: whenever the module's memory grows, V8 counts all of it as new and soon collects the host's garbage,
//! which takes half a second where the host holds a million rows. Growing by as much as there is already makes that
//! rare, and costs only addresses: what is not written to yet takes no memory.

#![expect(unsafe_code, reason = "an allocator hands out memory")]

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr;
use core::sync::atomic::{AtomicBool, Ordering};
use dlmalloc::{Allocator, Dlmalloc};

const PAGE_BYTES: usize = 65_536;
/// The largest step that nobody asked for, 32 MiB: hosts at the edge allow 128.
const MAX_AHEAD_PAGES: usize = 512;

#[global_allocator]
static HEAP: Heap = Heap(UnsafeCell::new(Dlmalloc::new_with_allocator(Pages)));

/// Whether the host has refused pages.
static EXHAUSTED: AtomicBool = AtomicBool::new(false);

/// Whether the host had no more memory when it was asked for some: what stops the module then is no defect of it.
pub fn is_exhausted() -> bool {
    EXHAUSTED.load(Ordering::Relaxed)
}

struct Heap(UnsafeCell<Dlmalloc<Pages>>);

// SAFETY: the module is built without threads, so nothing is ever shared between them.
unsafe impl Sync for Heap {}

// SAFETY: every method hands the same call to the allocator of the standard library, which keeps the contract; it never
// calls back, so the exclusive reference lives alone.
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).malloc(layout.size(), layout.align()) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).calloc(layout.size(), layout.align()) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { (*self.0.get()).free(block, layout.size(), layout.align()) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { (*self.0.get()).realloc(block, layout.size(), layout.align(), size) }
    }
}

/// The memory of the module, which can only grow.
struct Pages;

// SAFETY: pages that `memory_grow` returns belong to nobody else, and are zero.
unsafe impl Allocator for Pages {
    fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
        let wanted = size.div_ceil(PAGE_BYTES);
        let ahead = memory_size::<0>().min(MAX_AHEAD_PAGES);
        [wanted.max(ahead), wanted].into_iter().find_map(grown).unwrap_or_else(|| {
            EXHAUSTED.store(true, Ordering::Relaxed);
            (ptr::null_mut(), 0, 0)
        })
    }

    fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
        ptr::null_mut()
    }

    fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
        false
    }

    fn free(&self, _: *mut u8, _: usize) -> bool {
        false
    }

    fn can_release_part(&self, _: u32) -> bool {
        false
    }

    fn allocates_zeros(&self) -> bool {
        true
    }

    fn page_size(&self) -> usize {
        PAGE_BYTES
    }
}

/// A region of so many new pages; `None` when the host has no more.
fn grown(pages: usize) -> Option<(*mut u8, usize, u32)> {
    let first = memory_grow::<0>(pages);
    if first == usize::MAX {
        return None;
    }
    // the last byte of the address space is left out, for an end of a region must not wrap around to 0
    let bytes = if first + pages == 1 << 16 { pages * PAGE_BYTES - 16 } else { pages * PAGE_BYTES };
    Some(((first * PAGE_BYTES) as *mut u8, bytes, 0))
}
