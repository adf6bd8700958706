#include "cli/rejected_rows.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weir {
namespace {

std::string QuotedCell(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

}  // namespace

RejectedRows::~RejectedRows() { (void)Close(); }

void RejectedRows::Add(const std::string& file, int64_t row, int64_t cells, int64_t expected, std::string_view text) {
  MutexLock lock(mutex_);
  ++count_;
  if (!failed_.ok()) return;
  std::string lines;
  if (out_ == nullptr) {
    out_ = std::fopen(path_.c_str(), "w");
    lines = "file,row,cells,expected,text\n";
  }
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  lines += fmt::format("{},{},{},{},{}\n", QuotedCell(file), row, cells, expected, QuotedCell(text));
  if (out_ != nullptr && std::fwrite(lines.data(), 1, lines.size(), out_) == lines.size()) return;
  failed_ = Status::Invalid(fmt::format("'{}' cannot be written: {}", path_, std::strerror(errno)));
}

int64_t RejectedRows::count() const {
  MutexLock lock(mutex_);
  return count_;
}

Status RejectedRows::Close() {
  MutexLock lock(mutex_);
  std::FILE* const out = std::exchange(out_, nullptr);
  if (out != nullptr && std::fclose(out) != 0 && failed_.ok()) {
    failed_ = Status::Invalid(fmt::format("'{}' cannot be written: {}", path_, std::strerror(errno)));
  }
  return failed_;
}

}  // namespace weir
