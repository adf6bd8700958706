#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "placement/allocator.h"
#include "sql/catalog/zone_nodes.h"
#include "sql/system/kwdb_objects.h"

namespace weir::sql {

/// Where a range is.
struct KwdbPlace {
  std::vector<int64_t> replicas;          // nodes, ascending
  std::optional<int64_t> lease_holder;    // nothing: parts of it are led by different nodes, or one by none
  std::vector<std::string> violations;    // what it lacks of what its zone asks for, a sentence each
};

/// The nodes of the target, and where they have its ranges: all of them on the one node that there is, or as an Apache
/// Fluss cluster, which moves replicas as it likes, has them now. Asked anew for each statement. Functions throw.
class KwdbPlacement {
 public:
  explicit KwdbPlacement(const SystemSources& sources);

  const std::vector<ZoneNode>& nodes() const { return nodes_; }
  /// Empty of a node that does not answer.
  std::string LocalityOf(int64_t node) const;
  /// Nothing where the cluster does not say.
  std::optional<KwdbPlace> PlaceOf(const KwdbRange& range);

 private:
  /// One bucket, or all of a range where they are alike.
  using Part = placement::Replicas;
  const std::vector<Part>& PartsOf(const Relation& leaf);
  void Know(placement::NodeId node);

  ClusterServers* cluster_ = nullptr;  // null: one node
  std::vector<ZoneNode> nodes_;
  placement::NodePool pool_;
  std::map<int64_t, std::vector<Part>> parts_;  // by leaf
};

}  // namespace weir::sql
