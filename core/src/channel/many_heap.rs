//! Buffers on the heap.

use super::many::{Buffer, sealed};
use alloc::{collections::VecDeque, vec::Vec};

impl<T> sealed::Sealed for Vec<T> {}

impl<T> Buffer<T> for Vec<T> {
    fn make_room(&mut self, count: usize) -> usize {
        self.reserve(count);
        count
    }

    fn push(&mut self, message: T) {
        Self::push(self, message);
    }
}

impl<T> sealed::Sealed for VecDeque<T> {}

impl<T> Buffer<T> for VecDeque<T> {
    fn make_room(&mut self, count: usize) -> usize {
        self.reserve(count);
        count
    }

    fn push(&mut self, message: T) {
        self.push_back(message);
    }
}
