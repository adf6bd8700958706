#include "commitlog/judge.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace weir::commitlog {
namespace {

using Verdict = Judgement::Verdict;

/// Sequences of a writer: from 0 again behind the largest.
int32_t Advance(int32_t sequence, uint32_t by) {
  return static_cast<int32_t>((static_cast<uint32_t>(sequence) + by) & static_cast<uint32_t>(INT32_MAX));
}

}  // namespace

Judge Judge::After(const Judge& sealed) {
  Judge next(sealed.epoch_ + 1);
  for (const auto& [item, position] : sealed.written_) {
    if (position.epoch == sealed.epoch_) next.written_.emplace(item, position);
  }
  next.decided_before_ = sealed.decided_;
  return next;
}

void Judge::Remember(const Header& header, int64_t offset, std::string_view bytes) {
  const Result<Entry> entry = DecodeEntry(bytes);
  if (!entry.ok() || remembers_seal_) return;
  const auto* const begin = std::get_if<Header>(&*entry);
  if (begin != nullptr && begin->epoch == epoch_ - 1) remembers_header_ = true;
  if (!remembers_header_) return;
  if (std::holds_alternative<Seal>(*entry)) remembers_seal_ = true;
  const auto* const commit = std::get_if<Commit>(&*entry);
  if (commit == nullptr) return;
  decided_before_.insert(commit->transaction);
  if (std::ranges::binary_search(header.refused, offset)) return;
  Write(commit->writes, {epoch_ - 1, offset});
}

Result<Judgement> Judge::Take(int64_t offset, std::string_view bytes) {
  Judgement judgement{.verdict = Verdict::kVoid};
  if (!sealed_) {
    const Result<Entry> entry = DecodeEntry(bytes);
    if (entry.status().code() == ErrorCode::kUnsupportedVersion) return entry.status();
    const bool counts = entry.ok() && (header_.has_value() || std::holds_alternative<Header>(*entry));
    if (counts) judgement = std::visit([&](const auto& of_kind) { return TakeEntry(of_kind, offset); }, *entry);
  }
  next_offset_ = offset + 1;
  return judgement;
}

Judgement Judge::TakeEntry(const Header& header, int64_t offset) {
  if (header_ || header.epoch != epoch_) return {};  // the first one counts
  header_ = header;
  applied_ = {epoch_, offset};
  return {};
}

Judgement Judge::TakeEntry(const Part& part, int64_t) {
  if (decided_.contains(part.transaction) || decided_before_.contains(part.transaction)) return {};
  uint32_t& there = parts_[part.transaction];
  if (part.number == there) ++there;  // a part that comes again is the same one
  return {};
}

Judgement Judge::TakeEntry(const Seal&, int64_t) {
  sealed_ = true;
  return {};
}

Judgement Judge::TakeEntry(const Commit& commit, int64_t offset) {
  const Position now{epoch_, offset};
  if (commit.applied < now) applied_ = std::max(applied_, commit.applied);
  Judgement judgement = Decide(commit, offset);
  parts_.erase(commit.transaction);
  if (!judgement.made()) {
    refused_.push_back(offset);
    return judgement;
  }
  Write(commit.writes, now);
  for (const Target& target : commit.targets) {
    int32_t& next = next_sequences_[target.bucket];
    judgement.sequences.push_back(next);
    next = Advance(next, target.num_batches);
  }
  return judgement;
}

Judgement Judge::Decide(const Commit& commit, int64_t offset) {
  const bool repeated = !decided_.insert(commit.transaction).second || decided_before_.contains(commit.transaction);
  if (repeated) return {.verdict = Verdict::kNoCommit};
  const auto parts = parts_.find(commit.transaction);
  const uint32_t num_parts = parts == parts_.end() ? 0 : parts->second;
  if (num_parts != commit.num_parts) return {.verdict = Verdict::kIncomplete};
  const Position now{epoch_, offset};
  const auto in_future = [&](const Reads& reads) { return reads.at >= now; };
  if (std::ranges::any_of(commit.reads, in_future)) return {.verdict = Verdict::kVoid};
  return Check(commit.reads);
}

void Judge::Write(const std::vector<Item>& items, Position at) {
  for (const Item item : items) written_[item] = at;
}

Judgement Judge::Check(const std::vector<Reads>& reads) const {
  for (const Reads& read : reads) {
    if (read.at.epoch < epoch_ - 1) return {.verdict = Verdict::kTooOld};
    for (const Item item : read.items) {
      const auto written = written_.find(item);
      if (written != written_.end() && written->second > read.at) return {.verdict = Verdict::kConflict, .item = item};
    }
  }
  return {.verdict = Verdict::kMade};
}

int32_t Judge::NextSequence(const TableBucket& bucket) const {
  const auto found = next_sequences_.find(bucket);
  return found == next_sequences_.end() ? 0 : found->second;
}

std::string Judge::StateText() const {
  std::string text = std::to_string(epoch_) + (header_ ? "h" + std::to_string(header_->writer_id) : "") +
                     (sealed_ ? "s" : "") + "@" + std::to_string(next_offset_);
  const std::map<Item, Position> written(written_.begin(), written_.end());
  for (const auto& [item, position] : written) text += " w" + std::to_string(item) + ":" + position.ToString();
  for (const auto& [bucket, next] : next_sequences_) text += " n" + bucket.ToString() + ":" + std::to_string(next);
  for (const auto& [id, count] : parts_) text += " p" + std::to_string(id[0]) + ":" + std::to_string(count);
  for (const TransactionId& id : decided_) text += " d" + std::to_string(id[0]);
  for (const TransactionId& id : decided_before_) text += " b" + std::to_string(id[0]);
  for (const int64_t offset : refused_) text += " r" + std::to_string(offset);
  return text;
}

}  // namespace weir::commitlog
