#include "sql/duckdb/small_pieces.h"

#include <utility>

namespace weir::sql::duck {
namespace {

thread_local constinit SmallPieces small_pieces;

}  // namespace

SmallPieces& SmallPieces::Own() { return small_pieces; }

/// The first piece that is kept has the thread free all of them in the end.
bool SmallPieces::Begin() {
  state_ = State::kLives;
  thread_local AtEnd at_end;
  return at_end.lives;
}

/// What is given back from now on, by what ends later, goes at once.
void SmallPieces::End() {
  state_ = State::kEnded;
  for (Piece*& first : first_) {
    while (first != nullptr) std::free(std::exchange(first, first->next));
  }
  bytes_ = 0;
}

}  // namespace weir::sql::duck
