#pragma once

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/testing/temp_directory.h"

namespace weir {

/// What a Fluss client does with a snapshot: copies the files that it is told of (where each is, and its name) into an
/// empty directory and opens that with RocksDB. Gives the rows, by key.
inline std::map<std::string, std::string> ReadKvSnapshot(
    const std::vector<std::pair<std::string, std::string>>& files) {
  const TempDirectory copy;
  for (const auto& [path, name] : files) std::filesystem::copy_file(path, copy / name);
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(rocksdb::Options(), copy.path(), &opened);
  EXPECT_TRUE(status.ok()) << status.ToString();
  std::map<std::string, std::string> rows;
  if (!status.ok()) return rows;
  const std::unique_ptr<rocksdb::DB> database(opened);
  const std::unique_ptr<rocksdb::Iterator> it(database->NewIterator(rocksdb::ReadOptions()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) rows[it->key().ToString()] = it->value().ToString();
  EXPECT_TRUE(it->status().ok()) << it->status().ToString();
  return rows;
}

}  // namespace weir
