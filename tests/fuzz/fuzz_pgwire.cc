#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <string>
#include <string_view>

#include "postgres/copy/reader.h"
#include "postgres/value.h"
#include "server/pgwire/message.h"

// What a client sends: the first byte says what the others are read as. A message, whose type follows; a
// start-up packet; a binary parameter, of a type whose OID follows; COPY data, cut in two.
namespace {

using namespace weir::pgwire;

/// What a decoded message views lies within its bytes.
void CheckWithin(std::string_view part, std::string_view whole) {
  if (!part.empty() && (part.data() < whole.data() || part.data() + part.size() > whole.data() + whole.size()))
    std::abort();
}

void TryMessage(std::string_view bytes) {
  if (bytes.empty()) return;
  const std::string_view body = bytes.substr(1);
  const auto message = DecodeMessage(bytes[0], body);
  if (!message.ok()) return;
  if (const auto* bind = std::get_if<BindMessage>(&*message)) {
    CheckWithin(bind->portal, body);
    CheckWithin(bind->statement, body);
    for (const auto& value : bind->values) CheckWithin(value.value_or(""), body);
  }
  if (const auto* parse = std::get_if<ParseMessage>(&*message)) CheckWithin(parse->text, body);
}

void TryParameter(std::string_view bytes) {
  constexpr uint32_t kTypes[] = {16,   17,   20,   21,   23,   25,   26,   114,  700,  701,  1082, 1083, 1114,
                                 1184, 1186, 1700, 2950, 3802, 1000, 1007, 1009, 1016, 1115, 1182, 1231, 2951};
  if (bytes.empty()) return;
  const uint32_t type = kTypes[static_cast<uint8_t>(bytes[0]) % std::size(kTypes)];
  (void)weir::postgres::TextOfBinary({.oid = type, .modifier = -1}, bytes.substr(1), {});
}

void TryCopy(std::string_view bytes) {
  using weir::postgres::CopyOptions;
  using weir::postgres::CopyReader;
  constexpr CopyOptions::Format kFormats[] = {CopyOptions::Format::kText, CopyOptions::Format::kCsv,
                                              CopyOptions::Format::kBinary};
  if (bytes.size() < 2) return;
  CopyOptions options;
  options.format = kFormats[static_cast<uint8_t>(bytes[0]) % std::size(kFormats)];
  if (options.format == CopyOptions::Format::kCsv) options.delimiter = ',';
  if ((bytes[0] & 4) != 0) options.header = CopyOptions::Header::kPresent;
  const size_t half = static_cast<uint8_t>(bytes[1]) % bytes.size();
  CopyReader reader(options, {"a", "b"});
  for (const std::string_view part : {bytes.substr(0, half), bytes.substr(half)}) {
    reader.Add(part);
    while (true) {
      const auto step = reader.Next();
      if (!step.ok()) return;
      if (*step != CopyReader::Step::kRow) break;
      if (reader.fields().size() != 2) std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0: TryMessage(bytes); break;
    case 1: (void)DecodeStartup(bytes); break;
    case 2: TryParameter(bytes); break;
    default: TryCopy(bytes);
  }
  return 0;
}
