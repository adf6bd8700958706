#include <bit>

#include "postgres/compute/bit_strings.h"
#include "postgres/compute/digest.h"
#include "postgres/compute/encodings.h"
#include "postgres/compute/normal_form.h"
#include "postgres/compute/sizes.h"
#include "postgres/value/text.h"
#include "sql/duckdb/function_list.h"

namespace weir::sql::duck {
namespace {

namespace pg = ::weir::postgres;
using View = std::string_view;
using Text = Result<std::string>;

/// Bit strings are texts of 0 and 1.
void AddBitStrings(FunctionList* list) {
  list->Add("bit_count(bit)", [](View a) -> int64_t { return std::count(a.begin(), a.end(), '1'); });
  list->Add("bitshiftleft(bit,int4)", [](View a, int32_t b) -> std::string { return pg::ShiftedBits(a, b); });
  list->Add("bitshiftright(bit,int4)",
            [](View a, int32_t b) -> std::string { return pg::ShiftedBits(a, b == INT32_MIN ? INT32_MAX : -b); });
  list->Add("get_bit(bit,int4)", [](View a, int32_t at) -> Result<int32_t> { return pg::BitAt(a, at); });
  list->Add("set_bit(bit,int4,int4)", [](View a, int32_t at, int32_t bit) -> Text { return pg::WithBit(a, at, bit); });
  list->Add("position(bit,bit)", [](View a, View part) -> int32_t { return pg::PositionOfBits(a, part); });
  list->Add("substring(bit,int4)",
            [](View a, int32_t start) -> Text { return pg::SubstringOfBits(a, start, std::nullopt); });
  list->Add("substring(bit,int4,int4)",
            [](View a, int32_t start, int32_t length) -> Text { return pg::SubstringOfBits(a, start, length); });
  list->Add("overlay(bit,bit,int4)", [](View a, View part, int32_t start) -> Text {
    return pg::OverlayBits(a, part, start, static_cast<int32_t>(part.size()));
  });
  list->Add("overlay(bit,bit,int4,int4)", [](View a, View part, int32_t start, int32_t length) -> Text {
    return pg::OverlayBits(a, part, start, length);
  });
  list->Add("int4(bit)", [](View a) -> Result<int32_t> {
    WEIR_ASSIGN_OR_RETURN(const int64_t number, pg::IntegerOfBits(a, 32, "integer"));
    return static_cast<int32_t>(number);
  });
  list->Add("int8(bit)", [](View a) -> Result<int64_t> { return pg::IntegerOfBits(a, 64, "bigint"); });
}

void AddByteStrings(FunctionList* list) {
  list->Add("bit_count(bytea)", [](View a) -> int64_t {
    int64_t count = 0;
    for (const char byte : a) count += std::popcount(static_cast<uint8_t>(byte));
    return count;
  });
  list->Add("bit_length(bytea)", [](View a) -> int32_t { return static_cast<int32_t>(a.size()) * 8; });
  list->Add("length(bytea,name)", [](View a, View encoding) -> Result<int32_t> {
    if (pg::EncodingName(pg::EncodingNumber(encoding)) == "SQL_ASCII") return static_cast<int32_t>(a.size());
    WEIR_ASSIGN_OR_RETURN(const std::string text, pg::TextOfBytes(a, encoding, ""));
    return static_cast<int32_t>(pg::CountCharacters(text));
  });
  list->Add("convert_from(bytea,name)",
            [](View a, View encoding) -> Text { return pg::TextOfBytes(a, encoding, "source "); });
  list->Add("convert_to(text,name)", [](View a, View encoding) -> Text { return pg::BytesOfText(a, encoding); });
  list->Add("convert(bytea,name,name)",
            [](View a, View from, View to) -> Text { return pg::ConvertedBytes(a, from, to); });
  list->Add("md5(bytea)", [](View a) -> Text {
    WEIR_ASSIGN_OR_RETURN(const std::string digest, pg::DigestOf(pg::Digest::kMd5, a));
    std::string hex;
    pg::AppendHex(digest, &hex);
    return hex;
  });
  list->Add("sha224(bytea)", [](View a) -> Text { return pg::DigestOf(pg::Digest::kSha224, a); });
  list->Add("sha256(bytea)", [](View a) -> Text { return pg::DigestOf(pg::Digest::kSha256, a); });
  list->Add("sha384(bytea)", [](View a) -> Text { return pg::DigestOf(pg::Digest::kSha384, a); });
  list->Add("sha512(bytea)", [](View a) -> Text { return pg::DigestOf(pg::Digest::kSha512, a); });
}

void AddNormalForms(FunctionList* list) {
  list->Add("normalize(text,text)", [](View text, View form) -> Text {
    WEIR_ASSIGN_OR_RETURN(const pg::NormalForm known, pg::NormalFormOf(form));
    return pg::Normalized(text, known);
  });
  list->Add("is_normalized(text,text)", [](View text, View form) -> Result<bool> {
    WEIR_ASSIGN_OR_RETURN(const pg::NormalForm known, pg::NormalFormOf(form));
    WEIR_ASSIGN_OR_RETURN(const std::string normalized, pg::Normalized(text, known));
    return normalized == text;
  });
  list->Add("nameconcatoid(name,oid)", [](View name, int64_t oid) -> std::string {
    const std::string suffix = "_" + std::to_string(oid);
    size_t kept = 0;  // whole characters, so that the name has 63 bytes at most
    while (kept < name.size()) {
      const size_t next = kept + std::max<size_t>(pg::CharacterBytes(name.substr(kept)), 1);
      if (next + suffix.size() > 63) break;
      kept = next;
    }
    return std::string(name.substr(0, kept)) + suffix;
  });
}

}  // namespace

void AddBitsAndBytes(FunctionList* list) {
  AddNormalForms(list);
  AddBitStrings(list);
  AddByteStrings(list);
}

}  // namespace weir::sql::duck
