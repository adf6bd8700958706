#include "sql/duckdb/counted_heap.h"

#include <dlfcn.h>
#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include "sql/duckdb/small_pieces.h"
#include "sql/duckdb/statement_heap.h"

namespace weir::sql::duck {
namespace {

constexpr int64_t kFree = 1 << 20;  // what each thread may take beside the limit
constexpr int64_t kStep = 1 << 20;
constexpr int64_t kUnaskedPart = 8;  // of the limit: what a statement may take before the pool is asked

thread_local constinit CountedHeap* counted_heap = nullptr;

/// Whether the operators below are the process's, so that what is taken by them is given back by them.
bool IsOwnHeap() {
#ifdef WEIR_SANITIZED
  return false;
#else
  static const bool is_own = [] {
    void* (*own)(size_t) = &::operator new;
    return dlsym(RTLD_DEFAULT, "_Znwm") == reinterpret_cast<void*>(own);
  }();
  return is_own;
#endif
}

}  // namespace

CountedHeap::CountedHeap(duckdb::ClientContext& context) : context_(context), outer_(counted_heap), reserved_(kFree) {
  if (IsOwnHeap()) counted_heap = this;
}

CountedHeap::~CountedHeap() {
  if (!IsOwnHeap()) return;
  counted_heap = nullptr;
  if (reserved_ > kFree) {
    duckdb::BufferManager::GetBufferManager(context_).FreeReservedMemory(static_cast<duckdb::idx_t>(reserved_ - kFree));
  }
  counted_heap = outer_;
}

bool CountedHeap::IsCounting() { return counted_heap != nullptr; }

CountedHeap::Pause::Pause() : paused_(std::exchange(counted_heap, nullptr)) {}
CountedHeap::Pause::~Pause() { counted_heap = paused_; }

void CountedHeap::Reserve(int64_t bytes) {
  const Pause pause;
  const int64_t more = (taken_ + bytes - reserved_ + kStep - 1) / kStep * kStep;
  duckdb::BufferManager::GetBufferManager(context_).ReserveMemory(static_cast<duckdb::idx_t>(more));
  reserved_ += more;
}

duckdb::scalar_function_t WithCountedHeap(duckdb::scalar_function_t function) {
  return [function = std::move(function)](duckdb::DataChunk& chunk, duckdb::ExpressionState& state,
                                          duckdb::Vector& result) {
    if (!state.HasContext()) return function(chunk, state, result);
    StatementHeap::Check();
    const CountedHeap counted(state.GetContext());
    function(chunk, state, result);
  };
}

/// Counts nothing of this thread: the pool, when it is asked, takes of the heap itself.
class StatementHeap::Pause {
 public:
  Pause() : task_(std::exchange(StatementHeap::task_, Task{})) {}
  ~Pause() { StatementHeap::task_ = task_; }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  const Task task_;
  const CountedHeap::Pause inner_;
};

void StatementHeap::Check() {
  if (task_.statement == nullptr) return;
  task_.statement->taken_ += std::exchange(task_.taken, 0);
  task_.statement->Settle(*task_.context);
}

void StatementHeap::OnTaskStart(duckdb::ClientContext& context) {
  Settle(context);
  outer_task_ = std::exchange(task_, Task{.statement = this, .context = &context});
}

void StatementHeap::OnTaskStop(duckdb::ClientContext&) {
  taken_ += task_.taken;
  task_ = std::exchange(outer_task_, Task{});
}

void StatementHeap::QueryEnd(duckdb::ClientContext& context) {
  taken_ = 0;
  ended_ = false;
  Settle(context);
}

void StatementHeap::Look() {
  taken_ += std::exchange(task_.taken, 0);
  const int64_t unasked = taken_ - reserved_;
  const auto& memory = duckdb::BufferManager::GetBufferManager(*task_.context);
  const auto most = static_cast<int64_t>(memory.GetMaxMemory());
  if (unasked < most / kUnaskedPart || static_cast<int64_t>(memory.GetUsedMemory()) + unasked < most) return;
  if (ended_.exchange(true)) return;
  duckdb::ClientContext& context = *task_.context;
  const Pause pause;
  context.GetExecutor().PushError(
      duckdb::ErrorData(duckdb::OutOfMemoryException("%s for the states of a statement (%s/%s used)",
                                                     duckdb::StringUtil::BytesToHumanReadableString(taken_),
                                                     duckdb::StringUtil::BytesToHumanReadableString(
                                                         memory.GetUsedMemory()),
                                                     duckdb::StringUtil::BytesToHumanReadableString(most))));
}

void StatementHeap::Settle(duckdb::ClientContext& context) {
  const int64_t wanted = std::max<int64_t>(0, taken_ / kStep * kStep - kFree);
  if (wanted == reserved_) return;
  const Pause pause;
  MutexLock lock(settling_);
  auto& memory = duckdb::BufferManager::GetBufferManager(context);
  if (wanted > reserved_) memory.ReserveMemory(static_cast<duckdb::idx_t>(wanted - reserved_));
  if (wanted < reserved_) memory.FreeReservedMemory(static_cast<duckdb::idx_t>(reserved_ - wanted));
  reserved_ = wanted;
}

}  // namespace weir::sql::duck

#ifndef WEIR_SANITIZED

void* operator new(size_t size) {
  using weir::sql::duck::SmallPieces;
  weir::sql::duck::CountedHeap* const heap = weir::sql::duck::counted_heap;
  if (heap != nullptr) heap->MakeRoom(size);
  void* const piece = SmallPieces::Own().Take(size);
  if (piece == nullptr) throw std::bad_alloc();
  const size_t bytes = malloc_usable_size(piece);
  if (heap != nullptr) heap->Took(bytes);
  weir::sql::duck::StatementHeap::Count(static_cast<int64_t>(bytes));
  return piece;
}

void operator delete(void* piece) noexcept {
  if (piece == nullptr) return;
  weir::sql::duck::CountedHeap* const heap = weir::sql::duck::counted_heap;
  const size_t bytes = malloc_usable_size(piece);
  if (heap != nullptr) heap->Gave(bytes);
  weir::sql::duck::StatementHeap::Count(-static_cast<int64_t>(bytes));
  weir::sql::duck::SmallPieces::Own().Give(piece);
}

void operator delete(void* piece, size_t /*size*/) noexcept { operator delete(piece); }

// Pieces of memory resources, of which nearly all want no more than any piece has.
void* operator new(size_t size, std::align_val_t alignment) {
  const auto wanted = static_cast<size_t>(alignment);
  if (wanted <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return operator new(size);
  void* const piece = std::aligned_alloc(wanted, (size + wanted - 1) / wanted * wanted);
  if (piece == nullptr) throw std::bad_alloc();
  return piece;
}

void operator delete(void* piece, std::align_val_t alignment) noexcept {
  if (static_cast<size_t>(alignment) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__) return operator delete(piece);
  std::free(piece);
}

void operator delete(void* piece, size_t /*size*/, std::align_val_t alignment) noexcept {
  operator delete(piece, alignment);
}

#endif
