#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "commitlog/entry.h"
#include "commitlog/judge.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace weir::commitlog;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto entry = DecodeEntry(bytes);
  if (entry.ok()) {
    const auto back = DecodeEntry(EncodeEntry(*entry));
    if (!back.ok() || *back != *entry) std::abort();
  }
  const auto body = DecodeBody(bytes);
  if (body.ok()) {
    const auto back = DecodeBody(EncodeBody(*body));
    if (!back.ok() || *back != *body) std::abort();
    (void)TargetsOf(*body);
  }
  // Whatever clients write to the log, two servers judge it alike.
  Judge one, other;
  (void)one.Take(0, EncodeEntry(Header{1, 0, {}}));
  (void)other.Take(0, EncodeEntry(Header{1, 0, {}}));
  for (int64_t offset = 1; offset < 3; ++offset) {
    if (one.Take(offset, bytes).ok() != other.Take(offset, bytes).ok()) std::abort();
  }
  if (one.StateText() != other.StateText()) std::abort();
  return 0;
}
