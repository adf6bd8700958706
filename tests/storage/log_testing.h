#pragma once

#include <arrow/buffer.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "format/crc32c.h"
#include "storage/log.h"
#include "tests/testing/temp_directory.h"

namespace weir {

template <typename T>
void Put(std::string* bytes, size_t at, T value) {
  std::memcpy(bytes->data() + at, &value, sizeof value);
}

struct TestBatch {
  int32_t records = 1;
  size_t payload = 100;
  int64_t writer_id = -1;
  int32_t sequence = -1;
  char fill = 'x';
};

/// A V0 batch around a payload that no decoder looks at.
inline std::string MakeBatch(const TestBatch& batch) {
  std::string bytes(kLogBatchV0HeaderSize + batch.payload, batch.fill);
  std::memset(bytes.data(), 0, kLogBatchV0HeaderSize);
  Put(&bytes, 8, static_cast<int32_t>(bytes.size() - kLogBatchPrefixSize));
  Put(&bytes, 25, int16_t{1});
  Put(&bytes, 27, int8_t{1});
  Put(&bytes, 28, batch.records > 0 ? batch.records - 1 : 0);
  Put(&bytes, 32, batch.writer_id);
  Put(&bytes, 40, batch.sequence);
  Put(&bytes, 44, batch.records);
  Put(&bytes, 21, Crc32c(std::string_view(bytes).substr(25)));
  return bytes;
}

inline std::shared_ptr<arrow::Buffer> BufferOf(std::string bytes) {
  return arrow::Buffer::FromString(std::move(bytes));
}

inline std::string_view ViewOf(const std::shared_ptr<arrow::Buffer>& buffer) {
  return {reinterpret_cast<const char*>(buffer->data()), static_cast<size_t>(buffer->size())};
}

/// Headers of the batches in `records`; fails the test when they are not whole or a CRC is wrong.
inline std::vector<LogBatchHeader> HeadersOf(const std::shared_ptr<arrow::Buffer>& records) {
  std::vector<LogBatchHeader> headers;
  std::string_view rest = ViewOf(records);
  while (!rest.empty()) {
    auto header = ParseLogBatchHeader(rest);
    EXPECT_TRUE(header.ok()) << header.status().ToString();
    if (!header.ok()) break;
    const auto batch = rest.substr(0, static_cast<size_t>(header->total_size()));
    EXPECT_TRUE(VerifyLogBatchCrc(*header, batch).ok());
    headers.push_back(*header);
    rest.remove_prefix(batch.size());
  }
  return headers;
}

inline std::string ReadBytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << in.rdbuf();
  return bytes.str();
}

inline void WriteBytes(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Paths in `directory` that end with `suffix`, sorted.
inline std::vector<std::string> FilesOf(const std::string& directory, std::string_view suffix) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().string().ends_with(suffix)) paths.push_back(entry.path().string());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace weir
