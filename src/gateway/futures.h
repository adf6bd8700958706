#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "weir/future.h"

namespace weir {

/// Complete when all of `futures` are, whatever their results.
template <typename T>
Future<Unit> AllDone(const std::vector<Future<T>>& futures) {
  Promise<Unit> promise;
  auto left = std::make_shared<std::atomic<size_t>>(futures.size() + 1);
  const auto count = [promise, left] {
    if (left->fetch_sub(1) == 1) promise.Complete(Unit{});
  };
  for (const Future<T>& future : futures) future.Then([count](const Result<T>&) { count(); });
  count();
  return promise.future();
}

/// Complete when the first of `futures` is; they are not empty.
template <typename T>
Future<Unit> AnyDone(const std::vector<Future<T>>& futures) {
  Promise<Unit> promise;
  for (const Future<T>& future : futures) future.Then([promise](const Result<T>&) { promise.Complete(Unit{}); });
  return promise.future();
}

}  // namespace weir
