#include "postgres/copy/writer.h"

#include <algorithm>

#include "postgres/copy/binary.h"

namespace weir::postgres {
namespace {

void AppendNetworkBytes(uint32_t value, int bytes, std::string* out) {
  for (int i = bytes - 1; i >= 0; --i) out->push_back(static_cast<char>(value >> (8 * i)));
}

// The letter that stands for a control character behind a backslash; 0 where none does.
char LetterOf(char c) {
  switch (c) {
    case '\b': return 'b';
    case '\f': return 'f';
    case '\n': return 'n';
    case '\r': return 'r';
    case '\t': return 't';
    case '\v': return 'v';
    default: return '\0';
  }
}

void AppendText(std::string_view field, char delimiter, std::string* out) {
  size_t written = 0;
  for (size_t i = 0; i < field.size(); ++i) {
    const char c = field[i];
    const bool control = c >= '\b' && c <= '\r';
    if (!control && c != '\\' && c != delimiter) continue;
    *out += field.substr(written, i - written);
    out->push_back('\\');
    out->push_back(control ? LetterOf(c) : c);
    written = i + 1;
  }
  *out += field.substr(written);
}

void AppendCsv(std::string_view field, bool quote, const CopyOptions& options, std::string* out) {
  const bool special = std::any_of(field.begin(), field.end(), [&](char c) {
    return c == options.delimiter || c == options.quote || c == '\n' || c == '\r';
  });
  if (!quote && !special && field != options.null_text && field != "\\.") {
    *out += field;
    return;
  }
  out->push_back(options.quote);
  for (const char c : field) {
    if (c == options.quote || c == options.escape) out->push_back(options.escape);
    out->push_back(c);
  }
  out->push_back(options.quote);
}

}  // namespace

CopyWriter::CopyWriter(CopyOptions options, std::vector<std::string> columns)
    : options_(std::move(options)), columns_(std::move(columns)) {
  for (const std::string& column : columns_) {
    const auto& forced = options_.force_quote;
    force_quote_.push_back(options_.force_quote_all || std::find(forced.begin(), forced.end(), column) != forced.end());
  }
}

void CopyWriter::Begin(std::string* out) const {
  if (options_.format == CopyOptions::Format::kBinary) {
    *out += kCopySignature;
    AppendNetworkBytes(0, 4, out);
    AppendNetworkBytes(0, 4, out);
  }
  if (options_.header == CopyOptions::Header::kNone) return;
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (i > 0) out->push_back(options_.delimiter);
    if (options_.format == CopyOptions::Format::kCsv) {
      AppendCsv(columns_[i], false, options_, out);
    } else {
      AppendText(columns_[i], options_.delimiter, out);
    }
  }
  out->push_back('\n');
}

void CopyWriter::BeginRow(std::string* out) {
  field_ = 0;
  if (options_.format == CopyOptions::Format::kBinary)
    AppendNetworkBytes(static_cast<uint32_t>(columns_.size()), 2, out);
}

void CopyWriter::Separate(std::string* out) {
  if (field_++ > 0 && options_.format != CopyOptions::Format::kBinary) out->push_back(options_.delimiter);
}

void CopyWriter::Field(std::string_view value, std::string* out) {
  const bool quote = force_quote_[field_];
  Separate(out);
  switch (options_.format) {
    case CopyOptions::Format::kText: return AppendText(value, options_.delimiter, out);
    case CopyOptions::Format::kCsv: return AppendCsv(value, quote, options_, out);
    case CopyOptions::Format::kBinary:
      AppendNetworkBytes(static_cast<uint32_t>(value.size()), 4, out);
      *out += value;
      return;
  }
}

void CopyWriter::Null(std::string* out) {
  Separate(out);
  if (options_.format == CopyOptions::Format::kBinary) {
    AppendNetworkBytes(UINT32_MAX, 4, out);
  } else {
    *out += options_.null_text;
  }
}

void CopyWriter::EndRow(std::string* out) const {
  if (options_.format != CopyOptions::Format::kBinary) out->push_back('\n');
}

void CopyWriter::Row(std::span<const std::unique_ptr<ColumnWriter>> values, int64_t row, std::string* out) {
  BeginRow(out);
  for (const auto& value : values) {
    if (value->IsNull(row)) {
      Null(out);
      continue;
    }
    value_.clear();
    value->Write(row, &value_);
    Field(value_, out);
  }
  EndRow(out);
}

void CopyWriter::End(std::string* out) const {
  if (options_.format == CopyOptions::Format::kBinary) AppendNetworkBytes(0xFFFF, 2, out);
}

}  // namespace weir::postgres
