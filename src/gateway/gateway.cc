#include "gateway/gateway.h"

#include <fmt/format.h>

namespace weir {
namespace {

Status KeepsNoProducerOffsets(const Gateway& gateway) {
  return {ErrorCode::kUnsupportedVersion, fmt::format("{}: offsets of producers are not kept through here",
                                                      gateway.target())};
}

Status IsNoDatabase(const Gateway& gateway) {
  return {ErrorCode::kUnsupportedVersion, fmt::format("{}: it is not managed through here", gateway.target())};
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

Future<Unit> Gateway::AlterDatabase(const std::string&, const DatabaseChange&, bool) {
  return Future<Unit>::Ready(IsNoDatabase(*this));
}
Future<std::vector<Setting>> Gateway::ListSettings() {
  return Future<std::vector<Setting>>::Ready(IsNoDatabase(*this));
}
Future<Unit> Gateway::AlterSettings(const std::vector<SettingChange>&) {
  return Future<Unit>::Ready(IsNoDatabase(*this));
}
Future<int64_t> Gateway::CountBuckets() { return Future<int64_t>::Ready(IsNoDatabase(*this)); }

}  // namespace weir
