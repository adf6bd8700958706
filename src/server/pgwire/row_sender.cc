#include "server/pgwire/row_sender.h"

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>
#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "sql/out_of_memory.h"

namespace weir::pgwire {

RowSender::RowSender(std::unique_ptr<sql::QueryResult> result, std::vector<int16_t> formats, sql::Session& session)
    : result_(std::move(result)),
      formats_(std::move(formats)),
      session_(session),
      settings_(session.settings()),
      sending_(session.memory()),
      kept_(session.memory()) {}

Result<bool> RowSender::Send(int64_t limit, Channel& channel) {
  sent_before_ += std::exchange(sent_, 0);
  while (limit <= 0 || sent_ < limit) {
    WEIR_ASSIGN_OR_RETURN(const bool found, NextRow());
    if (!found) return true;
    ++sent_;
    if (!gives_rows()) continue;
    WEIR_RETURN_NOT_OK(channel.out().DataRow(writers_, row_));
    channel.FlushIfLarge();
    if (channel.gone()) return postgres::Error("08006", "connection to client lost");
  }
  return false;
}

Result<bool> RowSender::NextRow() {
  ++row_;
  while (row_ >= rows_) {
    std::shared_ptr<arrow::RecordBatch> batch;
    if (!detached_.empty()) {
      batch = std::move(detached_.front());
      detached_.pop_front();
      (void)kept_.Grow(-arrow::util::TotalBufferSize(*batch));
    } else if (!result_ended_) {
      WEIR_ASSIGN_OR_RETURN(batch, result_->Next());
      result_ended_ = batch == nullptr;
    }
    if (batch == nullptr) return false;
    WEIR_RETURN_NOT_OK(Take(std::move(batch)));
  }
  return true;
}

Status RowSender::Take(std::shared_ptr<arrow::RecordBatch> batch) {
  const std::vector<sql::ResultColumn>& described = columns();
  if (static_cast<size_t>(batch->num_columns()) != described.size()) {
    return postgres::Error(
        "XX000", fmt::format("a result of {} columns came with {}", described.size(), batch->num_columns()));
  }
  writers_.clear();
  if (!sending_.Resize(arrow::util::TotalBufferSize(*batch))) {
    return sql::OutOfMemory("There is not enough to send more rows of the result.");
  }
  const auto read_name = [this](uint32_t type, const std::string& name) { return session_.OidOfName(type, name); };
  for (size_t i = 0; i < described.size(); ++i) {
    WEIR_ASSIGN_OR_RETURN(auto writer,
                          postgres::MakeColumnWriter(batch->column(static_cast<int>(i)), described[i].type_oid,
                                                     FormatAt(formats_, i), settings_, read_name, described[i].row));
    writers_.push_back(std::move(writer));
  }
  row_ = 0;
  rows_ = batch->num_rows();
  return Status::OK();
}

Status RowSender::Detach() {
  while (!result_ended_) {
    WEIR_ASSIGN_OR_RETURN(auto batch, result_->Next());
    result_ended_ = batch == nullptr;
    if (result_ended_) break;
    if (!kept_.Grow(arrow::util::TotalBufferSize(*batch))) {
      return sql::OutOfMemory("There is not enough to keep the rows of a portal while another statement runs.");
    }
    detached_.push_back(std::move(batch));
  }
  return Status::OK();
}

std::string RowSender::tag() const {
  constexpr std::string_view kSelect = "SELECT ";
  std::string tag = result_->command_tag();
  return sent_before_ > 0 && tag.starts_with(kSelect) ? fmt::format("{}{}", kSelect, sent_) : tag;
}

}  // namespace weir::pgwire
