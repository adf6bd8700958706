#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/future.h"

namespace weir {

/// Code points, not bytes: names and comments may be of any script.
size_t CountCharacters(std::string_view text);
/// Cells of a terminal that the text takes: two for wide characters (East Asian scripts, most emoji), none for marks
/// that go onto the one before.
size_t Width(std::string_view text);
/// 336776 → "336,776"
std::string Grouped(int64_t number);
/// 12048123 → "12.0 MB"
std::string ByteText(int64_t bytes);
/// Epoch milliseconds → "2026-11-21 10:20:00 UTC"
std::string TimeText(int64_t epoch_ms);
/// 1 → "1 row", 5 → "5 rows"
std::string Counted(int64_t number, const std::string& noun);

/// A whole file; "-" is standard input. The error says why it cannot be read.
Result<std::string> ReadFileOrInput(const std::string& path);

/// Rows of text in aligned columns. A column whose header starts with '>' is aligned to the right.
class TextTable {
 public:
  explicit TextTable(std::vector<std::string> headers);
  void Add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
  std::string ToString(const std::string& indent) const;

 private:
  std::vector<std::string> headers_;
  std::vector<bool> right_;
  std::vector<std::vector<std::string>> rows_;
};

template <typename T>
Result<T> Await(const Future<T>& future) {
  return future.Wait();
}
inline Status AwaitDone(const Future<Unit>& future) { return future.Wait().status(); }

}  // namespace weir
