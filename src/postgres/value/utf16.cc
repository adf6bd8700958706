#include "postgres/value/utf16.h"

namespace weir::postgres {
namespace {

constexpr const char* kNoLow = "Unicode low surrogate must follow a high surrogate.";

}  // namespace

void AppendUtf8(uint32_t point, std::string* out) {
  const auto push = [out](uint32_t byte) { out->push_back(static_cast<char>(byte)); };
  if (point < 0x80) {
    push(point);
  } else if (point < 0x800) {
    push(0xC0 | point >> 6);
    push(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    push(0xE0 | point >> 12);
    push(0x80 | (point >> 6 & 0x3F));
    push(0x80 | (point & 0x3F));
  } else {
    push(0xF0 | (point >> 18 & 0x07));
    push(0x80 | (point >> 12 & 0x3F));
    push(0x80 | (point >> 6 & 0x3F));
    push(0x80 | (point & 0x3F));
  }
}

const char* Utf16Reader::Add(uint32_t unit, std::string* out) {
  const bool high = unit >= 0xD800 && unit < 0xDC00;
  const bool low = unit >= 0xDC00 && unit < 0xE000;
  if (high) {
    if (high_ != 0) return "Unicode high surrogate must not follow a high surrogate.";
    high_ = unit;
    return nullptr;
  }
  if (low != (high_ != 0)) return kNoLow;
  AppendUtf8(low ? 0x10000 + ((high_ & 0x3FF) << 10 | (unit & 0x3FF)) : unit, out);
  high_ = 0;
  return nullptr;
}

const char* Utf16Reader::End() const { return high_ == 0 ? nullptr : kNoLow; }

}  // namespace weir::postgres
