#include "postgres/compute/letters.h"
#include "postgres/compute/strings.h"
#include "postgres/identifier.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"
#include "sql/duckdb/list_lanes.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using pg::CountCharacters;
using pg::PrefixBytes;
using View = std::string_view;
using Text = Result<std::string>;
using Part = Result<std::string_view>;

constexpr int64_t kLargestText = 1'073'741'819;

Text Repeated(View text, int32_t count) {
  if (count <= 0) return std::string();
  if (static_cast<int64_t>(text.size()) * count > kLargestText) return Error("54000", "requested length too large");
  std::string result;
  const size_t size = text.size() * static_cast<size_t>(count);
  GrowingValue().Grow(size);  // 53200 rather than more than there is: it is copied into the result
  result.reserve(size);
  result += text;
  while (result.size() < size) result.append(result, 0, std::min(result.size(), size - result.size()));
  return result;
}

/// Every letter by `change`; ASCII without a look at Unicode's tables.
template <typename Change>
std::string Lettered(View text, Change&& change) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t bytes = std::max<size_t>(pg::CharacterBytes(text), 1);
    const auto code = static_cast<uint32_t>(pg::Ascii(text));
    const uint32_t changed = change(code);
    if (changed == code) {
      result += text.substr(0, bytes);
    } else {
      result += changed < 0x80 ? std::string(1, static_cast<char>(changed)) : ValueOrThrow(pg::Chr(changed));
    }
    text.remove_prefix(bytes);
  }
  return result;
}

View FirstOf(View text, int32_t count) {
  if (count >= 0) return text.substr(0, PrefixBytes(text, count));
  const int64_t keep = static_cast<int64_t>(CountCharacters(text)) + count;
  return keep <= 0 ? View() : text.substr(0, PrefixBytes(text, keep));
}

View LastOf(View text, int32_t count) {
  const auto has = static_cast<int64_t>(CountCharacters(text));
  const int64_t skip = count >= 0 ? std::max<int64_t>(has - count, 0) : -static_cast<int64_t>(count);
  return text.substr(PrefixBytes(text, skip));
}

void AddTextParts(FunctionList* list) {
  for (const char* name : {"substr(text,int4)", "substring(text,int4)"}) {
    list->Add(name, [](View text, int32_t start) -> Part { return pg::Substring(text, start, std::nullopt); });
  }
  for (const char* name : {"substr(text,int4,int4)", "substring(text,int4,int4)"}) {
    list->Add(name, [](View text, int32_t start, int32_t count) -> Part { return pg::Substring(text, start, count); });
  }
  list->Add("left(text,int4)", [](View text, int32_t count) -> View { return FirstOf(text, count); });
  list->Add("right(text,int4)", [](View text, int32_t count) -> View { return LastOf(text, count); });
  list->Add("split_part(text,text,int4)",
            [](View text, View delimiter, int32_t field) -> Part { return pg::SplitPart(text, delimiter, field); });
  list->Add("btrim(text)", [](View text) -> View { return pg::TrimLeft(pg::TrimRight(text, " "), " "); });
  list->Add("btrim(text,text)",
            [](View text, View set) -> View { return pg::TrimLeft(pg::TrimRight(text, set), set); });
  list->Add("ltrim(text)", [](View text) -> View { return pg::TrimLeft(text, " "); });
  list->Add("ltrim(text,text)", [](View text, View set) -> View { return pg::TrimLeft(text, set); });
  list->Add("rtrim(text)", [](View text) -> View { return pg::TrimRight(text, " "); });
  list->Add("rtrim(text,text)", [](View text, View set) -> View { return pg::TrimRight(text, set); });
}

void AddMeasures(FunctionList* list) {
  for (const char* name : {"position(text,text)", "strpos(text,text)"}) {
    list->Add(name, [](View text, View part) -> int32_t { return pg::Position(text, part); });
  }
  list->Add("bit_length(text)", [](View text) -> int32_t { return static_cast<int32_t>(text.size()) * 8; });
  for (const char* name : {"octet_length(text)", "octet_length(bpchar)", "octet_length(bytea)", "length(bytea)"}) {
    list->Add(name, [](View text) -> int32_t { return static_cast<int32_t>(text.size()); });
  }
  for (const char* name : {"length(text)", "char_length(text)", "character_length(text)", "length(bpchar)",
                           "char_length(bpchar)", "character_length(bpchar)"}) {
    list->Add(name, [](View text) -> int32_t { return static_cast<int32_t>(CountCharacters(text)); });
  }
  list->Add("ascii(text)", [](View text) -> int32_t { return pg::Ascii(text); });
  list->Add("starts_with(text,text)", [](View text, View prefix) -> bool { return text.starts_with(prefix); });
}

void AddChanges(FunctionList* list) {
  list->Add("chr(int4)", [](int32_t code) -> Text { return pg::Chr(code); });
  list->Add("upper(text)", [](View text) -> std::string { return Lettered(text, pg::UpperLetter); });
  list->Add("lower(text)", [](View text) -> std::string { return Lettered(text, pg::LowerLetter); });
  list->Add("initcap(text)", [](View text) -> std::string { return pg::Initcap(text); });
  list->Add("reverse(text)", [](View text) -> std::string { return pg::Reverse(text); });
  list->Add("repeat(text,int4)", [](View text, int32_t count) -> Text { return Repeated(text, count); });
  list->Add("lpad(text,int4)", [](View text, int32_t length) -> Text { return pg::PadLeft(text, length, " "); });
  list->Add("lpad(text,int4,text)",
            [](View text, int32_t length, View fill) -> Text { return pg::PadLeft(text, length, fill); });
  list->Add("rpad(text,int4)", [](View text, int32_t length) -> Text { return pg::PadRight(text, length, " "); });
  list->Add("rpad(text,int4,text)",
            [](View text, int32_t length, View fill) -> Text { return pg::PadRight(text, length, fill); });
  list->Add("translate(text,text,text)",
            [](View text, View from, View to) -> std::string { return pg::Translate(text, from, to); });
  list->Add("to_hex(int4)", [](int32_t value) -> std::string { return pg::ToHex(static_cast<uint32_t>(value)); });
  list->Add("to_hex(int8)", [](int64_t value) -> std::string { return pg::ToHex(static_cast<uint64_t>(value)); });
  list->Add("overlay(text,text,int4)",
            [](View text, View part, int32_t start) -> Text { return pg::Overlay(text, part, start, std::nullopt); });
  list->Add("overlay(text,text,int4,int4)", [](View text, View part, int32_t start, int32_t count) -> Text {
    return pg::Overlay(text, part, start, count);
  });
  list->Add("unistr(text)", [](View text) -> Text { return pg::Unistr(text); });
  list->Add("quote_ident(text)", [](View text) -> std::string { return pg::QuoteIdentifier(text); });
  list->Add("quote_literal(text)", [](View text) -> std::string { return pg::QuoteLiteral(text); });
  list->Add("quote_nullable(text)",
            [](std::optional<View> text) -> std::string { return text ? pg::QuoteLiteral(*text) : "NULL"; });
}

void AddBytes(FunctionList* list) {
  list->Add("encode(bytea,text)", [](View bytes, View form) -> Text { return pg::Encode(bytes, form); });
  list->Add("decode(text,text)", [](View text, View form) -> Text { return pg::Decode(text, form); });
  list->Add("get_bit(bytea,int8)", [](View bytes, int64_t bit) -> Result<int32_t> { return pg::GetBit(bytes, bit); });
  list->Add("set_bit(bytea,int8,int4)",
            [](View bytes, int64_t bit, int32_t value) -> Text { return pg::SetBit(bytes, bit, value); });
  list->Add("get_byte(bytea,int4)", [](View bytes, int32_t at) -> Result<int32_t> { return pg::GetByte(bytes, at); });
  list->Add("set_byte(bytea,int4,int4)",
            [](View bytes, int32_t at, int32_t value) -> Text { return pg::SetByte(bytes, at, value); });
  for (const char* name : {"substr(bytea,int4)", "substring(bytea,int4)"}) {
    list->Add(name, [](View bytes, int32_t start) -> Part { return pg::SubstringOfBytes(bytes, start, std::nullopt); });
  }
  for (const char* name : {"substr(bytea,int4,int4)", "substring(bytea,int4,int4)"}) {
    list->Add(name, [](View bytes, int32_t start, int32_t count) -> Part {
      return pg::SubstringOfBytes(bytes, start, count);
    });
  }
  list->Add("overlay(bytea,bytea,int4)", [](View bytes, View part, int32_t start) -> Text {
    return pg::OverlayBytes(bytes, part, start, std::nullopt);
  });
  list->Add("overlay(bytea,bytea,int4,int4)", [](View bytes, View part, int32_t start, int32_t count) -> Text {
    return pg::OverlayBytes(bytes, part, start, count);
  });
  list->Add("position(bytea,bytea)", [](View bytes, View part) -> int32_t { return pg::PositionOfBytes(bytes, part); });
  list->Add("btrim(bytea,bytea)",
            [](View bytes, View set) -> View { return pg::TrimBytesLeft(pg::TrimBytesRight(bytes, set), set); });
  list->Add("ltrim(bytea,bytea)", [](View bytes, View set) -> View { return pg::TrimBytesLeft(bytes, set); });
  list->Add("rtrim(bytea,bytea)", [](View bytes, View set) -> View { return pg::TrimBytesRight(bytes, set); });
}

/// format() over the texts of its arguments.
void Formatted(duckdb::DataChunk& chunk, duckdb::ExpressionState&, duckdb::Vector& result) {
  result.SetVectorType(duckdb::VectorType::FLAT_VECTOR);
  for (duckdb::idx_t row = 0; row < chunk.size(); ++row) {
    const auto pattern = chunk.data[0].GetValue(row);
    if (pattern.IsNull()) {
      duckdb::FlatVector::SetNull(result, row, true);
      continue;
    }
    const auto list = chunk.data[1].GetValue(row);
    std::vector<pg::FormatArgument> arguments;
    for (const auto& text : duckdb::ListValue::GetChildren(list)) {
      arguments.push_back(text.IsNull() ? pg::FormatArgument() : pg::FormatArgument(duckdb::StringValue::Get(text)));
    }
    result.SetValue(row, duckdb::Value(ValueOrThrow(pg::FormatText(duckdb::StringValue::Get(pattern), arguments))));
  }
  if (chunk.AllConstant()) result.SetVectorType(duckdb::VectorType::CONSTANT_VECTOR);
}

void AddTextLists(FunctionList* list) {
  using MaybeView = std::optional<View>;
  for (const char* name : {"string_to_array(text,text)", "string_to_table(text,text)"}) {
    list->Add(name, [](MaybeView text, MaybeView delimiter) -> std::optional<TextList> {
      return text ? std::optional(TextList{pg::SplitText(*text, delimiter, std::nullopt)}) : std::nullopt;
    });
  }
  for (const char* name : {"string_to_array(text,text,text)", "string_to_table(text,text,text)"}) {
    list->Add(name, [](MaybeView text, MaybeView delimiter, MaybeView null_text) -> std::optional<TextList> {
      return text ? std::optional(TextList{pg::SplitText(*text, delimiter, null_text)}) : std::nullopt;
    });
  }
  list->Add("parse_ident(text,bool)", [](View text, bool strict) -> Result<TextList> {
    WEIR_ASSIGN_OR_RETURN(auto parts, pg::ParseIdent(text, strict));
    return TextList{{parts.begin(), parts.end()}};
  });
}

void AddFormat(FunctionList* list) {
  duckdb::ScalarFunction format("pg.format",
                                {duckdb::LogicalType::VARCHAR, duckdb::LogicalType::LIST(duckdb::LogicalType::VARCHAR)},
                                duckdb::LogicalType::VARCHAR, Formatted);
  format.SetNullHandling(duckdb::FunctionNullHandling::SPECIAL_HANDLING);
  format.SetFallible();
  list->Add(std::move(format));
}

}  // namespace

void AddTexts(FunctionList* list) {
  AddTextParts(list);
  AddMeasures(list);
  AddChanges(list);
  AddBytes(list);
  AddFormat(list);
  AddTextLists(list);
}

}  // namespace weir::sql::duck
