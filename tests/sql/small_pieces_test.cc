#include "sql/duckdb/small_pieces.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace weir::sql::duck {
namespace {

TEST(SmallPieces, AreAsLargeAsWanted) {
  std::vector<std::pair<void*, size_t>> taken;
  for (int round = 0; round < 3; ++round) {
    for (size_t size = 0; size < 700; ++size) {
      void* const piece = SmallPieces::Own().Take(size);
      ASSERT_NE(piece, nullptr);
      ASSERT_GE(malloc_usable_size(piece), size);
      std::memset(piece, static_cast<int>(size & 0xFF), size);
      taken.emplace_back(piece, size);
    }
    for (const auto& [piece, size] : taken) {
      for (size_t i = 0; i < size; ++i) ASSERT_EQ(static_cast<unsigned char*>(piece)[i], size & 0xFF);
    }
    for (const auto& [piece, size] : taken) SmallPieces::Own().Give(piece);
    taken.clear();
  }
}

TEST(SmallPieces, AreTakenAgain) {
  void* const first = SmallPieces::Own().Take(100);
  SmallPieces::Own().Give(first);
  void* const second = SmallPieces::Own().Take(97);
  EXPECT_EQ(first, second);
  SmallPieces::Own().Give(second);
}

TEST(SmallPieces, MayBeGivenBackByAnotherThreadAndByOthersThanTookThem) {
  std::vector<void*> taken;
  for (size_t size = 1; size < 2000; size += 3) {
    taken.push_back(size % 2 == 0 ? std::malloc(size) : SmallPieces::Own().Take(size));
  }
  std::thread([&] {
    for (void* const piece : taken) SmallPieces::Own().Give(piece);
    std::set<void*> again;
    for (int i = 0; i < 1000; ++i) {
      EXPECT_TRUE(again.insert(SmallPieces::Own().Take(64)).second) << "nobody else has it";
    }
    for (void* const piece : again) std::free(piece);
  }).join();
}

}  // namespace
}  // namespace weir::sql::duck
