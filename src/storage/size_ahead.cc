#include "storage/size_ahead.h"

#include <algorithm>
#include <array>
#include <vector>

namespace weir {
namespace {

constexpr int64_t kBlockBytes = 4096;
constexpr int64_t kMostAhead = 1 << 20;
constexpr int64_t kMostOfAppend = 64 << 10;  // what is larger waits for its own bytes

constexpr std::array<char, 64 << 10> kZeros{};

Status WriteZeros(File* file, int64_t from, int64_t to) {
  std::vector<iovec> parts;
  for (int64_t left = to - from; left > 0; left -= std::ssize(kZeros)) {
    parts.push_back({const_cast<char*>(kZeros.data()), static_cast<size_t>(std::min(left, std::ssize(kZeros)))});
  }
  return file->WriteAt(parts, from);
}

}  // namespace

void SizeAhead::Grow(File* file, int64_t end, int64_t bytes, int64_t limit) {
  const int64_t next = end + bytes;
  if (bytes > kMostOfAppend || next <= filled_) return;
  const int64_t wanted = (next + std::min(next / 2, kMostAhead) + kBlockBytes - 1) / kBlockBytes * kBlockBytes;
  if (wanted > limit) return;
  const bool filled = WriteZeros(file, next, wanted).ok();
  filled_ = filled ? wanted : 0;
  if (!filled) (void)file->Truncate(end);
}

size_t EndOfContent(std::string_view bytes) {
  const size_t last = bytes.find_last_not_of('\0');
  return last == std::string_view::npos ? 0 : last + 1;
}

}  // namespace weir
