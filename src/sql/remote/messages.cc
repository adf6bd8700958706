#include "sql/remote/messages.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include "types/arrow_status.h"

namespace weir::sql::remote {
namespace {

using postgres::RowShape;

void PutShape(const RowShape& shape, call::Shape* message) {
  for (const RowShape::Field& field : shape.fields) {
    call::Shape::Field* added = message->add_fields();
    added->set_type(field.type);
    if (field.row != nullptr) PutShape(*field.row, added->mutable_row());
  }
}

std::shared_ptr<const RowShape> ShapeOf(const call::Shape& message) {
  auto shape = std::make_shared<RowShape>();
  for (const call::Shape::Field& field : message.fields()) {
    shape->fields.push_back({field.type(), field.has_row() ? ShapeOf(field.row()) : nullptr});
  }
  return shape;
}

}  // namespace

void Put(const ErrorFields& fields, call::Error* message) {
  message->set_severity(fields.severity);
  message->set_sqlstate(fields.sqlstate);
  message->set_message(fields.message);
  message->set_detail(fields.detail);
  message->set_hint(fields.hint);
  message->set_position(fields.position);
  message->set_context(fields.context);
  message->set_schema(fields.schema);
  message->set_table(fields.table);
  message->set_column(fields.column);
  message->set_constraint(fields.constraint);
}

ErrorFields ErrorOf(const call::Error& message) {
  return {.severity = message.severity(),
          .sqlstate = message.sqlstate(),
          .message = message.message(),
          .detail = message.detail(),
          .hint = message.hint(),
          .position = message.position(),
          .context = message.context(),
          .schema = message.schema(),
          .table = message.table(),
          .column = message.column(),
          .constraint = message.constraint()};
}

Status StatusOf(const ErrorFields& fields) {
  const Status status = Error(fields.sqlstate, fields.message,
                              {.detail = fields.detail, .hint = fields.hint, .position = fields.position,
                               .schema = fields.schema, .table = fields.table, .column = fields.column,
                               .constraint = fields.constraint});
  return fields.context.empty() ? status : postgres::InContext(status, fields.context);
}

void Put(const std::vector<ResultColumn>& columns, call::Response* message) {
  for (const ResultColumn& column : columns) {
    call::Column* added = message->add_columns();
    added->set_name(column.name);
    added->set_type(column.type_oid);
    added->set_modifier(column.type_modifier);
    added->set_size(column.type_size);
    added->set_table(column.table);
    added->set_number(column.number);
    if (column.row != nullptr) PutShape(*column.row, added->mutable_row());
  }
}

std::vector<ResultColumn> ColumnsOf(const call::Response& message) {
  std::vector<ResultColumn> columns;
  for (const call::Column& column : message.columns()) {
    columns.push_back({.name = column.name(),
                       .type_oid = column.type(),
                       .type_modifier = column.modifier(),
                       .type_size = static_cast<int16_t>(column.size()),
                       .row = column.has_row() ? ShapeOf(column.row()) : nullptr,
                       .table = column.table(),
                       .number = static_cast<int16_t>(column.number())});
  }
  return columns;
}

Result<std::string> Encode(const std::shared_ptr<arrow::Schema>& schema,
                           const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  WEIR_ASSIGN_OR_RETURN(const auto sink, FromArrow(arrow::io::BufferOutputStream::Create()));
  WEIR_ASSIGN_OR_RETURN(const auto writer, FromArrow(arrow::ipc::MakeStreamWriter(sink, schema)));
  for (const auto& batch : batches) WEIR_RETURN_NOT_OK(FromArrow(writer->WriteRecordBatch(*batch)));
  WEIR_RETURN_NOT_OK(FromArrow(writer->Close()));
  WEIR_ASSIGN_OR_RETURN(const auto buffer, FromArrow(sink->Finish()));
  return buffer->ToString();
}

Result<Rows> Decode(std::string bytes) {
  const auto source = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(bytes)));
  WEIR_ASSIGN_OR_RETURN(const auto reader, FromArrow(arrow::ipc::RecordBatchStreamReader::Open(source)));
  Rows rows{reader->schema(), {}};
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    WEIR_RETURN_NOT_OK(FromArrow(reader->ReadNext(&batch)));
    if (batch == nullptr) return rows;
    rows.batches.push_back(std::move(batch));
  }
}

}  // namespace weir::sql::remote
