#include "gateway/embedded/bucket_numbers.h"

namespace weir {

nlohmann::json BucketNumbersToJson(const std::map<TableBucket, int64_t>& numbers, const char* name) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [bucket, number] : numbers) {
    nlohmann::json entry{{"table", bucket.table_id}, {"bucket", bucket.bucket_id}, {name, number}};
    if (bucket.partition_id) entry["partition"] = *bucket.partition_id;
    list.push_back(std::move(entry));
  }
  return list;
}

std::map<TableBucket, int64_t> BucketNumbersFromJson(const nlohmann::json& json, const char* name) {
  std::map<TableBucket, int64_t> numbers;
  for (const nlohmann::json& entry : json) {
    TableBucket bucket{entry.at("table").get<int64_t>(), {}, entry.at("bucket").get<int32_t>()};
    if (entry.contains("partition")) bucket.partition_id = entry["partition"].get<int64_t>();
    numbers[bucket] = entry.at(name).get<int64_t>();
  }
  return numbers;
}

}  // namespace weir
