#include "postgres/compute/normal_form.h"

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "postgres/error.h"
#include "postgres/value/text.h"

namespace weir::postgres {
namespace {

const icu::Normalizer2* NormalizerOf(NormalForm form, UErrorCode* error) {
  switch (form) {
    case NormalForm::kNfc: return icu::Normalizer2::getNFCInstance(*error);
    case NormalForm::kNfd: return icu::Normalizer2::getNFDInstance(*error);
    case NormalForm::kNfkc: return icu::Normalizer2::getNFKCInstance(*error);
    case NormalForm::kNfkd: return icu::Normalizer2::getNFKDInstance(*error);
  }
  return nullptr;
}

}  // namespace

Result<NormalForm> NormalFormOf(std::string_view name) {
  if (EqualsIgnoringCase(name, "nfc")) return NormalForm::kNfc;
  if (EqualsIgnoringCase(name, "nfd")) return NormalForm::kNfd;
  if (EqualsIgnoringCase(name, "nfkc")) return NormalForm::kNfkc;
  if (EqualsIgnoringCase(name, "nfkd")) return NormalForm::kNfkd;
  return Error("22023", fmt::format("invalid normalization form: {}", name));
}

Result<std::string> Normalized(std::string_view text, NormalForm form) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = NormalizerOf(form, &error);
  std::string result;
  icu::StringByteSink<std::string> sink(&result);
  const icu::StringPiece piece(text.data(), static_cast<int32_t>(text.size()));
  if (U_SUCCESS(error)) normalizer->normalizeUTF8(0, piece, sink, nullptr, error);
  if (U_FAILURE(error)) return Error("54000", fmt::format("the text could not be normalized: {}", u_errorName(error)));
  return result;
}

}  // namespace weir::postgres
