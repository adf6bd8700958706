#pragma once

#include <utility>

#include "weir/future.h"

namespace weir {

/// The future that `next` makes of the first one's value; its error when it has none. `next` runs
/// as a callback does: it must not block.
template <typename B, typename A, typename F>
Future<B> Chain(const Future<A>& first, F next) {
  Promise<B> promise;
  first.Then([promise, next = std::move(next)](const Result<A>& result) {
    if (!result.ok()) return promise.Complete(result.status());
    next(*result).Then([promise](const Result<B>& second) { promise.Complete(second); });
  });
  return promise.future();
}

}  // namespace weir
