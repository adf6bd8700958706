#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>

#include "weir/table.h"

namespace weir {

/// A number for each of some buckets, as a catalog record has it: [{table, bucket, partition?, `name`: number}].
nlohmann::json BucketNumbersToJson(const std::map<TableBucket, int64_t>& numbers, const char* name);
/// Throws nlohmann's exception for what is none.
std::map<TableBucket, int64_t> BucketNumbersFromJson(const nlohmann::json& json, const char* name);

}  // namespace weir
