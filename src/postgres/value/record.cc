#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "format/big_endian.h"
#include "postgres/error.h"
#include "postgres/value/nested.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

Status Malformed(std::string_view text, std::string_view detail) {
  return Error("22P02", fmt::format("malformed record literal: \"{}\"", text), {.detail = std::string(detail)});
}

/// A field's text up to the comma or parenthesis behind it; none for a null. False at the text's end.
bool TakeField(std::string_view* left, std::optional<std::string>* field) {
  if (left->starts_with(',') || left->starts_with(')')) {
    field->reset();
    return true;
  }
  field->emplace();
  bool quoted = false;
  while (quoted || (!left->starts_with(',') && !left->starts_with(')'))) {
    if (left->empty()) return false;
    const char c = left->front();
    left->remove_prefix(1);
    if (c == '\\') {
      if (left->empty()) return false;
      (*field)->push_back(left->front());
      left->remove_prefix(1);
    } else if (c != '"') {
      (*field)->push_back(c);
    } else if (quoted && left->starts_with('"')) {  // a doubled quote stands for itself
      (*field)->push_back('"');
      left->remove_prefix(1);
    } else {
      quoted = !quoted;
    }
  }
  return true;
}

}  // namespace

void AppendRecordField(std::string_view text, std::string* out) {
  const bool plain = !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || c == '(' || c == ')' || c == ',' || IsSpace(c);
  });
  if (plain) {
    *out += text;
    return;
  }
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back(c);
    out->push_back(c);
  }
  out->push_back('"');
}

void AppendRecord(const Record& value, const Settings& settings, std::string* out) {
  std::string text;
  out->push_back('(');
  for (size_t i = 0; i < value.fields.size(); ++i) {
    if (i > 0) out->push_back(',');
    const auto& [type, field] = value.fields[i];
    if (field.is_null()) continue;
    text.clear();
    WriteText(type, field, settings, &text);
    AppendRecordField(text, out);
  }
  out->push_back(')');
}

Result<Record> ReadRecord(std::span<const TypeRef> fields, std::string_view text, const Settings& settings) {
  std::string_view left = WithoutLeadingSpace(text);
  if (!left.starts_with('(')) return Malformed(text, "Missing left parenthesis.");
  left.remove_prefix(1);
  Record record;
  for (const TypeRef& type : fields) {
    if (!record.fields.empty()) {
      if (!left.starts_with(',')) return Malformed(text, "Too few columns.");
      left.remove_prefix(1);
    }
    std::optional<std::string> field;
    if (!TakeField(&left, &field)) return Malformed(text, "Unexpected end of input.");
    Value value;
    if (field) {
      WEIR_ASSIGN_OR_RETURN(value, ReadText(type, *field, settings));
    }
    record.fields.emplace_back(type.oid, std::move(value));
  }
  if (!left.starts_with(')')) return Malformed(text, "Too many columns.");
  left.remove_prefix(1);
  if (!WithoutLeadingSpace(left).empty()) return Malformed(text, "Junk after right parenthesis.");
  return record;
}

Result<Record> ReadRecordBinary(std::string_view bytes, const Settings& settings) {
  const auto take = [&bytes]() -> Result<int32_t> {
    if (bytes.size() < sizeof(int32_t)) return TooFewBytes();
    const auto value = LoadBigEndian<int32_t>(bytes);
    bytes.remove_prefix(sizeof(int32_t));
    return value;
  };
  WEIR_ASSIGN_OR_RETURN(const int32_t count, take());
  Record record;
  for (int32_t i = 0; i < count; ++i) {
    WEIR_ASSIGN_OR_RETURN(const int32_t type, take());
    WEIR_ASSIGN_OR_RETURN(const int32_t size, take());
    Value value;
    if (size != -1) {
      if (size < 0 || static_cast<size_t>(size) > bytes.size()) return TooFewBytes();
      const std::string_view field = bytes.substr(0, static_cast<size_t>(size));
      bytes.remove_prefix(field.size());
      WEIR_ASSIGN_OR_RETURN(value, ReadBinary({.oid = static_cast<Oid>(type), .modifier = -1}, field, settings));
    }
    record.fields.emplace_back(static_cast<Oid>(type), std::move(value));
  }
  if (!bytes.empty()) return TooManyBytes();
  return record;
}

Status AppendRecordBinary(const Record& value, const Settings& settings, std::string* out) {
  AppendBigEndian(static_cast<int32_t>(value.fields.size()), out);
  for (const auto& [type, field] : value.fields) {
    AppendBigEndian(type, out);
    const size_t size_at = out->size();
    AppendBigEndian(int32_t{-1}, out);
    if (field.is_null()) continue;
    WEIR_RETURN_NOT_OK(WriteBinary(type, field, settings, out));
    StoreBigEndian(static_cast<int32_t>(out->size() - size_at - sizeof(int32_t)), out->data() + size_at);
  }
  return Status::OK();
}

}  // namespace weir::postgres
