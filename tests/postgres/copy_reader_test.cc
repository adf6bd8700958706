#include "postgres/copy/reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "postgres/copy/binary.h"
#include "postgres/error.h"

namespace weir::postgres {
namespace {

using namespace std::string_literals;
using Format = CopyOptions::Format;

CopyOptions OptionsOf(Format format) {
  CopyOptions options{.format = format};
  if (format == Format::kCsv) options.delimiter = ',';
  if (format == Format::kCsv) options.null_text.clear();
  return options;
}

/// The rows of data that comes in pieces, then how it ends: "end" or an error with its place.
std::string Read(Format format, const std::string& data, size_t piece) {
  CopyReader reader(OptionsOf(format), {"a", "b"});
  std::string out;
  for (size_t at = 0;;) {
    const auto step = reader.Next();
    if (!step.ok()) {
      const ErrorFields fields = FieldsOf(step.status());
      const bool has_text = reader.line_text().data() != nullptr;
      return out + fmt::format("{} {} @{}{}{}", fields.sqlstate, fields.message, reader.line(),
                               reader.column().empty() ? "" : " " + std::string(reader.column()),
                               has_text ? " <" + std::string(reader.line_text()) + ">" : "");
    }
    if (*step == CopyReader::Step::kEnd) return out + "end";
    if (*step == CopyReader::Step::kNeedsData) {
      reader.Add(std::string_view(data).substr(std::min(at, data.size()), piece));
      if (at >= data.size()) reader.Finish();
      at += piece;
      continue;
    }
    for (const CopyField& field : reader.fields()) out += field.null ? "(null)" : "(" + std::string(field.text) + ")";
    out += " ";
  }
}

void ExpectRead(Format format, const std::string& data, const std::string& expected) {
  for (size_t piece = 1; piece <= data.size(); ++piece) EXPECT_EQ(Read(format, data, piece), expected) << piece;
}

TEST(CopyReader, TellsWhereTextIsWrong) {
  ExpectRead(Format::kText, "1\t2\n3\n", "(1)(2) 22P04 missing data for column \"b\" @2 <3>");
  ExpectRead(Format::kText, "1\t2\n3\t4\t5\n", "(1)(2) 22P04 extra data after last expected column @2 <3\t4\t5>");
  ExpectRead(Format::kText, "1\t2\n3\t4\r5\n", "(1)(2) 22P04 literal carriage return found in data @2");
  ExpectRead(Format::kText, "é\t2\n3\t\xff\n", "(é)(2) 22021 invalid byte sequence for encoding \"UTF8\": 0xff @2");
  ExpectRead(Format::kText, "1\ta\\377\n", "22021 invalid byte sequence for encoding \"UTF8\": 0xff @1 <1\ta\\377>");
  ExpectRead(Format::kText, "1\ta\0b\n"s, "22021 invalid byte sequence for encoding \"UTF8\": 0x00 @1");
  ExpectRead(Format::kText, "\n", "22P04 missing data for column \"b\" @1 <>");
}

TEST(CopyReader, TellsWhereCsvIsWrong) {
  // Lines within quotes count once it is known what a line ends with.
  ExpectRead(Format::kCsv, "1,\"a\nb\"\n2\n", "(1)(a\nb) 22P04 missing data for column \"b\" @2 <2>");
  ExpectRead(Format::kCsv, "1,a\n1,\"a\nb\"\n2\n", "(1)(a) (1)(a\nb) 22P04 missing data for column \"b\" @4 <2>");
  ExpectRead(Format::kCsv, "1,\"a\n", "22P04 unterminated CSV quoted field @1 <1,\"a\n>");
}

std::string Field(const std::string& bytes) {
  return {static_cast<char>(0), 0, 0, static_cast<char>(bytes.size())};
}

TEST(CopyReader, CutsBinaryDataWhereverItIsSplit) {
  const std::string header = std::string(kCopySignature) + std::string(8, '\0');
  const std::string row = "\0\2"s + Field("one") + "one" + "\xff\xff\xff\xff";
  ExpectRead(Format::kBinary, header + row + row + "\xff\xff", "(one)(null) (one)(null) end");
  ExpectRead(Format::kBinary, header + row, "(one)(null) end");
  ExpectRead(Format::kBinary, header.substr(0, 15) + "\0\0\0\2xy"s + row, "(one)(null) end");  // an extension
  ExpectRead(Format::kBinary, header + row + "\0\2"s + Field("12") + "1",
             "(one)(null) 22P04 unexpected EOF in COPY data @2 a");
  ExpectRead(Format::kBinary, header + row + "\0\2"s + Field("12") + "12" + "\xff\xff\xff\xfe",
             "(one)(null) 22P04 invalid field size @2 b");
  ExpectRead(Format::kBinary, header + row + "\0\3"s, "(one)(null) 22P04 row field count is 3, expected 2 @2");
  ExpectRead(Format::kBinary, "PGCOPX", "22P04 COPY file signature not recognized @0");
  ExpectRead(Format::kBinary, header.substr(0, 13), "22P04 invalid COPY file header (missing flags) @0");
  ExpectRead(Format::kBinary, std::string(kCopySignature) + "\0\1\0\0\0\0\0\0"s,
             "22P04 invalid COPY file header (WITH OIDS) @0");
  ExpectRead(Format::kBinary, std::string(kCopySignature) + "\0\2\0\0\0\0\0\0"s,
             "22P04 unrecognized critical flags in COPY file header @0");
}

}  // namespace
}  // namespace weir::postgres
