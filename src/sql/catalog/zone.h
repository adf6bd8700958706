#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "weir/status.h"

namespace weir::sql {

/// What was set on one object: values by variable ("gc.ttlseconds"), as CONFIGURE ZONE reads them again.
using ZoneFields = std::map<std::string, std::string, std::less<>>;

/// All zones that are set, by the keys of their objects. What a key stands for never changes, nor comes again, except
/// for ranges and databases, which have nothing but names.
using ZoneMap = std::map<std::string, ZoneFields, std::less<>>;
using ZoneMapPtr = std::shared_ptr<const ZoneMap>;

std::string ZoneKeyOfRange(std::string_view name);
std::string ZoneKeyOfDatabase(std::string_view name);
/// A table, a partition or a secondary index.
std::string ZoneKeyOfRelation(int64_t id);
std::string ZoneKeyOfPrimaryIndex(int64_t table);
/// A partition of a secondary index.
std::string ZoneKeyOfIndexPartition(int64_t index, std::string_view partition);

/// The zone that KWDB ships a range of its own with; nothing for a name that is none's.
std::optional<ZoneFields> BuiltInZone(std::string_view range);
/// Those of which it ships one, "default" first.
std::span<const std::string_view> BuiltInRanges();

/// An object that may have a zone.
struct ZoneLevel {
  std::string key;
  std::string target;      // "TABLE t"
  std::string range = {};  // of a range: its name
};
/// KWDB's database of its own tables, which has a zone and nothing else here.
inline constexpr const char* kSystemTablesDatabase = "system";
ZoneLevel SystemTablesLevel();
/// An object and what it inherits from: itself first, RANGE default last.
using ZoneChain = std::vector<ZoneLevel>;

/// What is set on the object itself; null where nothing ever was.
const ZoneFields* OwnZone(const ZoneMap& zones, const ZoneLevel& level);
/// What holds for the object: each variable of the first that has it.
ZoneFields ZoneInForce(const ZoneMap& zones, std::span<const ZoneLevel> chain);
/// The first that has a zone.
const ZoneLevel& NearestZone(const ZoneMap& zones, std::span<const ZoneLevel> chain);

/// "num_replicas = 3", in the order of SHOW ZONE CONFIGURATION.
std::vector<std::string> ZoneFieldTexts(const ZoneFields& fields);
/// "ALTER TABLE t CONFIGURE ZONE USING\n\tnum_replicas = 3,\n\tconstraints = '[]'"
std::string ZoneSql(std::string_view target, const ZoneFields& fields);

/// As the catalog keeps them.
std::string WriteZone(const ZoneFields& fields);
/// A text that cannot be read is XX001.
Result<ZoneFields> ReadZone(std::string_view text);

}  // namespace weir::sql
