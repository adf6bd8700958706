#include "format/crc32c.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace weir {
namespace {

TEST(Crc32c, KnownValues) {
  EXPECT_EQ(Crc32c(""), 0u);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43u);
}

TEST(Crc32c, LanesAgreeAroundTheirLengths) {
  std::string bytes(10000, '\0');
  std::mt19937 random(7);
  for (char& byte : bytes) byte = static_cast<char>(random());
  for (const size_t length : {3071, 3072, 3073, 3080, 6143, 6144, 6151, 9216, 9990}) {
    for (const size_t start : {0, 1, 7}) {
      const std::string_view part = std::string_view(bytes).substr(start, length);
      EXPECT_EQ(Crc32c(part), Crc32cPortable(part)) << start << " " << length;
    }
  }
}

TEST(Crc32c, TablesAgreeAtEveryLengthAndAlignment) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += static_cast<char>(i * 37 + i / 7);
  for (size_t start = 0; start < 9; ++start) {
    for (size_t length = 0; start + length <= bytes.size(); ++length) {
      const std::string_view part = std::string_view(bytes).substr(start, length);
      ASSERT_EQ(Crc32c(part), Crc32cPortable(part)) << start << " " << length;
    }
  }
  EXPECT_EQ(Crc32cPortable("123456789"), 0xE3069283u);
}

}  // namespace
}  // namespace weir
