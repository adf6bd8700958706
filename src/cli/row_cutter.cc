#include "cli/row_cutter.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace weir {
namespace {

constexpr size_t kLongestRow = size_t{1} << 30;
constexpr char kQuote = '"';

}  // namespace

void RowCutter::NoteRowEnd(size_t from, size_t to) {
  const std::string_view part = std::string_view(text_).substr(from, to - from);
  if (const size_t at = part.rfind('\n'); at != std::string_view::npos) row_end_ = from + at + 1;
  if (row_end_ > 0) return;
  const size_t at = part.rfind('\r');
  // A line feed may follow the last byte.
  if (at != std::string_view::npos && from + at + 1 < text_.size()) return_end_ = from + at + 1;
}

void RowCutter::Scan() {
  while (scanned_ < text_.size()) {
    const size_t quote = delimiter_ ? text_.find(kQuote, scanned_) : std::string::npos;
    if (!in_quotes_) {
      NoteRowEnd(scanned_, std::min(quote, text_.size()));
      if (quote == std::string::npos) break;
      const char before = quote == 0 ? '\n' : text_[quote - 1];
      in_quotes_ = before == delimiter_ || before == '\n' || before == '\r';
      quote_at_ = quote;
      scanned_ = quote + 1;
    } else if (quote == std::string::npos) {
      break;
    } else if (quote + 1 == text_.size() && !file_->at_end()) {
      scanned_ = quote;  // the next byte tells whether it ends the cell
      return;
    } else if (quote + 1 < text_.size() && text_[quote + 1] == kQuote) {
      scanned_ = quote + 2;
    } else {
      in_quotes_ = false;
      scanned_ = quote + 1;
    }
  }
  scanned_ = text_.size();
}

Status RowCutter::Error(size_t at, const std::string& what) const {
  return Status::Invalid(fmt::format("file '{}', line {}: {}", file_->path(),
                                     line_ + CountLines(std::string_view(text_).substr(0, at)), what));
}

RowCutter::Block RowCutter::Take(size_t size, bool last) {
  std::string rest = text_.substr(size);
  text_.resize(size);
  line_ += CountLines(text_);
  scanned_ -= size;
  quote_at_ -= std::min(quote_at_, size);
  row_end_ = return_end_ = 0;
  return {std::exchange(text_, std::move(rest)), last};
}

Result<RowCutter::Block> RowCutter::Next(size_t bytes) {
  for (size_t wanted = std::max<size_t>(bytes, 1);; wanted = 2 * text_.size()) {
    const Status filled = file_->Fill(wanted, &text_);
    if (!filled.ok()) return Error(text_.size(), filled.message());
    Scan();
    if (file_->at_end()) {
      if (in_quotes_) return Error(quote_at_, "the quoted cell that begins here has no end");
      return Take(text_.size(), true);
    }
    if (row_end_ == 0) row_end_ = return_end_;
    if (row_end_ > 0) return Take(row_end_, false);
    if (text_.size() >= kLongestRow) {
      return Error(in_quotes_ ? quote_at_ : 0, in_quotes_ ? "the quoted cell that begins here has no end within 1 GiB"
                                                          : "the row that begins here has no end within 1 GiB");
    }
  }
}

}  // namespace weir
