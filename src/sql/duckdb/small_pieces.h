#pragma once

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace weir::sql::duck {

/// Small pieces of the heap that a thread has given back, kept for what it takes next: a statement of one row takes and
/// gives back about a thousand of them, which the C library keeps seven of a size at hand for. What threads give each
/// other may lie here, too: any piece of malloc's will do. All of it is freed when the thread ends.
class SmallPieces {
 public:
  /// The calling thread's.
  static SmallPieces& Own();

  /// A piece of at least this size; null: the heap has none left.
  void* Take(size_t size) {
    const size_t rank = RankFor(size);
    if (rank >= kRanks) return std::malloc(size);
    Piece* const piece = first_[rank];
    if (piece == nullptr) return std::malloc(SizeOf(rank));
    first_[rank] = piece->next;
    bytes_ -= SizeOf(rank);
    return piece;
  }

  void Give(void* given) {
    const size_t usable = malloc_usable_size(given);
    if (usable < SizeOf(0) || usable >= SizeOf(kRanks) || bytes_ + usable > kMostBytes || !IsKept()) {
      return std::free(given);
    }
    const size_t rank = (usable - SizeOf(0)) / kStep;
    first_[rank] = new (given) Piece{first_[rank]};
    bytes_ += SizeOf(rank);
  }

 private:
  struct Piece {
    Piece* next;
  };
  struct AtEnd {
    ~AtEnd() { Own().End(); }
    bool lives = true;
  };
  enum class State : char { kNew, kLives, kEnded };

  // The sizes that the C library's pieces have.
  static constexpr size_t kStep = 16;
  static constexpr size_t kRanks = 32;
  static constexpr size_t kMostBytes = 128 << 10;
  static constexpr size_t SizeOf(size_t rank) { return 24 + rank * kStep; }
  static constexpr size_t RankFor(size_t size) {
    return size <= SizeOf(0) ? 0 : (size - SizeOf(0) + kStep - 1) / kStep;
  }

  bool IsKept() { return state_ == State::kLives || (state_ == State::kNew && Begin()); }
  bool Begin();
  void End();

  Piece* first_[kRanks] = {};
  size_t bytes_ = 0;
  State state_ = State::kNew;
};

inline thread_local constinit SmallPieces own_small_pieces;
inline SmallPieces& SmallPieces::Own() { return own_small_pieces; }

}  // namespace weir::sql::duck
