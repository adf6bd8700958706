#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "format/crc32c.h"
#include "format/kv_batch.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kHeaderBytes = 28;
  constexpr size_t kCrcStart = 9;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (size >= kHeaderBytes) {
    // Length, magic and CRC that fit let the fuzzer reach the records.
    const auto length = static_cast<uint32_t>(size - 4);
    const uint32_t crc = weir::Crc32c(std::string_view(bytes).substr(kCrcStart));
    std::memcpy(bytes.data(), &length, 4);
    bytes[4] = 0;
    std::memcpy(bytes.data() + 5, &crc, 4);
  }
  const auto batch = weir::ParseKvBatch(bytes);
  if (!batch.ok()) return 0;
  weir::KvBatchBuilder builder;
  for (const weir::KvRecordView& record : batch->records) {
    record.row ? builder.Upsert(record.key, *record.row) : builder.Delete(record.key);
  }
  const std::string again = builder.Finish(batch->schema_id, batch->writer_id, batch->sequence);
  const auto back = weir::ParseKvBatch(again);
  if (!back.ok() || back->records.size() != batch->records.size()) std::abort();
  for (size_t i = 0; i < back->records.size(); ++i) {
    if (back->records[i].key != batch->records[i].key || back->records[i].row != batch->records[i].row) std::abort();
  }
  return 0;
}
