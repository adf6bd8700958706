#pragma once

#include <cstdint>
#include <string_view>

#include "storage/file.h"

namespace weir {

/// Gives a file that small appends are synced to one by one its size ahead of them, filled with zeros: what is written
/// over zeros that are on disk leaves the file's size and its blocks as they are, so that the sync writes those bytes and
/// waits for no journal of the file system's. One thread at a time.
class SizeAhead {
 public:
  /// Before an append of `bytes` to the content that ends at `end`; it never goes beyond `limit`. What cannot be had is
  /// no error.
  void Grow(File* file, int64_t end, int64_t bytes, int64_t limit);
  /// Whether the file is longer than its content, which ends at `end`.
  bool Reaches(int64_t end) const { return filled_ > end; }
  /// The file was cut off at its content's end.
  void Forget() { filled_ = 0; }

 private:
  int64_t filled_ = 0;  // position
};

/// Where the zeros begin that `bytes` end with.
size_t EndOfContent(std::string_view bytes);
/// Whether nothing follows a content's end but what was filled ahead of it.
inline bool IsFilledAhead(std::string_view bytes) { return EndOfContent(bytes) == 0; }

}  // namespace weir
