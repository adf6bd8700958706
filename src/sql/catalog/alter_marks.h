#pragma once

#include "sql/catalog/altered_tree.h"

namespace weir::sql {

// ALTER TABLE's actions on what PostgreSQL keeps for the sake of its storage and replication: they are held to its
// rules, kept, and shown in the catalogs.
Status Alter(const alter::SetCompression& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetParameters& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetLogged& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetReplicaIdentity& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::ClusterOn& action, const DdlContext& context, AlteredTree* tree);
Status Alter(const alter::SetStore& action, const DdlContext& context, AlteredTree* tree);
/// 42704 for a trigger, of which there are none.
Status Alter(const alter::SwitchTriggers& action, const DdlContext& context, AlteredTree* tree);

/// The letter that pg_attribute.attcompression has for a method that is in lower case; 22023 for another.
Result<char> CompressionNamed(const std::string& method);
/// 0A000 for a type whose values are never compressed.
Status CheckCompressible(const SqlColumn& column);

/// An index is called otherwise from now on.
void RenameInMarks(const std::string& from, const std::string& to, KeptMarks* marks);

}  // namespace weir::sql
