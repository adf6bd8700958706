#pragma once

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "gateway/embedded/task_thread.h"
#include "weir/future.h"

namespace weir {

/// Answers of a request, one a bucket, some of which still wait for the disk.
template <typename Answer>
class DurableAnswers : public std::enable_shared_from_this<DurableAnswers<Answer>> {
 public:
  /// `completions` runs users' callbacks: a syncer thread that waited in one could be what it waits for.
  DurableAnswers(size_t count, TaskThread* completions) : completions_(completions), answers_(count) {}

  Answer& at(size_t i) { return answers_[i]; }
  void WaitFor(size_t i, const Future<Unit>& durable) { waits_.emplace_back(i, durable); }

  /// Complete when everything waited for is durable. Called once, last.
  Future<std::vector<Answer>> Finish() {
    Future<std::vector<Answer>> future = promise_.future();
    const auto waits = std::move(waits_);
    left_.store(waits.size() + 1);
    for (const auto& [i, durable] : waits) {
      durable.Then([self = this->shared_from_this(), i = i](const Result<Unit>& result) {
        if (!result.ok()) self->answers_[i].status = result.status();
        if (self->IsLast()) self->completions_->Post([self] { self->Complete(); });
      });
    }
    if (IsLast()) Complete();
    return future;
  }

 private:
  bool IsLast() { return left_.fetch_sub(1) == 1; }
  void Complete() { promise_.Complete(std::move(answers_)); }

  TaskThread* const completions_;
  std::vector<Answer> answers_;
  std::vector<std::pair<size_t, Future<Unit>>> waits_;
  std::atomic<size_t> left_{0};
  Promise<std::vector<Answer>> promise_;
};

}  // namespace weir
