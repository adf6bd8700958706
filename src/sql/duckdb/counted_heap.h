#pragma once

#include "sql/duckdb/headers.h"

namespace weir::sql::duck {

/// While it is there, what this thread takes of the heap is taken of the memory of a statement's database, too, and
/// when there is not so much left the taking fails with DuckDB's error: values that functions build beside DuckDB's
/// vectors are within the limit, whatever they are made of. Only of programs that use Weir's operator new, which is
/// `weir`: in a library that others load (Python's) it counts nothing.
class CountedHeap {
 public:
  explicit CountedHeap(duckdb::ClientContext& context);
  ~CountedHeap();
  CountedHeap(const CountedHeap&) = delete;
  CountedHeap& operator=(const CountedHeap&) = delete;

  /// Whether this thread's is counted now.
  static bool IsCounting();
  /// Counts nothing of this thread as long as it is there: for what makes room in the pool, which holds locks of that.
  class Pause {
   public:
    Pause();
    ~Pause();
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    CountedHeap* const paused_;
  };

  /// Of operator new and delete: before memory is taken, when it is, and when it goes.
  void MakeRoom(size_t bytes) {
    if (taken_ + static_cast<int64_t>(bytes) > reserved_) Reserve(static_cast<int64_t>(bytes));
  }
  void Took(size_t bytes) { taken_ += static_cast<int64_t>(bytes); }
  void Gave(size_t bytes) { taken_ -= static_cast<int64_t>(bytes); }

 private:
  void Reserve(int64_t bytes);

  duckdb::ClientContext& context_;
  CountedHeap* const outer_;
  int64_t taken_ = 0;  // below 0: of what was there before, more has gone than has come
  int64_t reserved_;
};

/// The function, with what it takes of the heap counted.
duckdb::scalar_function_t WithCountedHeap(duckdb::scalar_function_t function);

}  // namespace weir::sql::duck
