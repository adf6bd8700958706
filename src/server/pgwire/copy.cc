#include "server/pgwire/copy.h"

#include <fmt/format.h>

namespace weir::pgwire {
namespace {

Format FormatOf(bool binary) { return binary ? Format::kBinary : Format::kText; }

}  // namespace

Result<std::string> ReceiveCopy(sql::CopyIn& copy, Channel& channel) {
  channel.out().CopyResponse('G', copy.columns(), FormatOf(copy.binary()));
  while (true) {
    WEIR_ASSIGN_OR_RETURN(const std::optional<Channel::Frame> frame, channel.Read());
    if (!frame) return postgres::Error("08006", "unexpected EOF on client connection with an open transaction");
    WEIR_ASSIGN_OR_RETURN(const FrontendMessage message, DecodeMessage(frame->type, frame->body));
    if (const auto* data = std::get_if<CopyDataMessage>(&message)) {
      WEIR_RETURN_NOT_OK(copy.Add(data->data));
    } else if (std::holds_alternative<CopyDoneMessage>(message)) {
      return copy.Finish();
    } else if (const auto* failed = std::get_if<CopyFailMessage>(&message)) {
      return copy.GiveUp(failed->reason);
    } else if (!std::holds_alternative<FlushMessage>(message) && !std::holds_alternative<SyncMessage>(message)) {
      return postgres::Error("08P01", fmt::format("unexpected message type 0x{:02X} during COPY from stdin",
                                                  static_cast<uint8_t>(frame->type)));
    }
  }
}

Result<std::string> SendCopy(sql::CopyOut& copy, Channel& channel) {
  channel.out().CopyResponse('H', copy.columns(), FormatOf(copy.binary()));
  std::string data;
  while (true) {
    data.clear();
    WEIR_ASSIGN_OR_RETURN(const bool more, copy.Next(&data));
    if (!more) break;
    WEIR_RETURN_NOT_OK(channel.out().CopyData(data));
    channel.FlushIfLarge();
    if (channel.gone()) return postgres::Error("08006", "connection to client lost");
  }
  channel.out().Plain('c');
  return copy.command_tag();
}

}  // namespace weir::pgwire
