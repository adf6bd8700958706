#pragma once

#include <cstddef>

namespace weir {

/// The tables of SQL's definitions in the system database: SQL writes them, and the doors below it read what a table
/// that SQL has made must be held to.
inline constexpr const char* kRelationsTable = "relations";
inline constexpr const char* kPartitionsTable = "partitions";

/// A type that a database has made has a row of its own in `relations`: under no database, by this and its OID.
inline constexpr const char* kTypeRow = "type ";

/// The columns of `relations`, in their order.
namespace relations {
enum : size_t { kDatabase, kName, kId, kParentDatabase, kParentName, kParentId, kDefinition, kCount };
}  // namespace relations

/// The columns of `partitions`, in their order.
namespace partitions {
enum : size_t { kParent, kChild, kChildDatabase, kChildName, kDefinition, kCount };
}  // namespace partitions

}  // namespace weir
