#include "gateway/gateway.h"

#include <fmt/format.h>

namespace weir {
namespace {

Status KeepsNoProducerOffsets(const Gateway& gateway) {
  return {ErrorCode::kUnsupportedVersion, fmt::format("{}: offsets of producers are not kept through here",
                                                      gateway.target())};
}

}  // namespace

Future<bool> Gateway::RegisterProducerOffsets(const std::string&, const ProducerOffsets&) {
  return Future<bool>::Ready(KeepsNoProducerOffsets(*this));
}
Future<std::optional<ProducerOffsets>> Gateway::GetProducerOffsets(const std::string&) {
  return Future<std::optional<ProducerOffsets>>::Ready(KeepsNoProducerOffsets(*this));
}
Future<Unit> Gateway::DeleteProducerOffsets(const std::string&) {
  return Future<Unit>::Ready(KeepsNoProducerOffsets(*this));
}

}  // namespace weir
