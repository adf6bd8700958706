#include "commitlog/entry.h"

#include <algorithm>
#include <limits>
#include <map>

#include "commitlog/entry_bytes.h"

namespace weir::commitlog {
namespace {

constexpr uint8_t kVersion = 2;
enum class EntryKind : uint8_t { kHeader = 1, kPart = 2, kCommit = 3, kSeal = 4 };

void WriteBucket(const TableBucket& bucket, EntryWriter* out) {
  out->Signed(bucket.table_id);
  out->Signed(bucket.partition_id.value_or(-1));
  out->Signed(bucket.bucket_id);
}

TableBucket ReadBucket(EntryReader* in) {
  TableBucket bucket;
  bucket.table_id = in->Signed();
  const int64_t partition = in->Signed();
  if (partition >= 0) bucket.partition_id = partition;
  const int64_t id = in->Signed();
  const bool valid = bucket.table_id >= 0 && partition >= -1 && id >= 0 && id <= std::numeric_limits<int32_t>::max();
  if (!valid) in->Fail();
  bucket.bucket_id = static_cast<int32_t>(id);
  return bucket;
}

uint32_t ReadUint32(EntryReader* in) {
  const uint64_t value = in->Unsigned();
  if (value > std::numeric_limits<uint32_t>::max()) in->Fail();
  return static_cast<uint32_t>(value);
}

void WritePosition(const Position& position, EntryWriter* out) {
  out->Signed(position.epoch);
  out->Signed(position.offset);
}

Position ReadPosition(EntryReader* in) {
  Position position;
  position.epoch = in->Signed();
  position.offset = in->Signed();
  if (position.epoch < 0 || position.offset < -1) in->Fail();
  return position;
}

void WriteTransaction(const TransactionId& id, EntryWriter* out) {
  out->Raw({reinterpret_cast<const char*>(id.data()), id.size()});
}

TransactionId ReadTransaction(EntryReader* in) {
  TransactionId id{};
  const std::string_view bytes = in->Raw(id.size());
  std::ranges::copy(bytes, id.begin());
  return id;
}

void WriteItems(const std::vector<Item>& items, EntryWriter* out) {
  out->Unsigned(items.size());
  for (const Item item : items) out->Fixed64(item);
}

std::vector<Item> ReadItems(EntryReader* in) {
  std::vector<Item> items(in->Count(8));
  for (Item& item : items) item = in->Fixed64();
  return items;
}

void Write(const Header& header, EntryWriter* out) {
  out->Byte(static_cast<uint8_t>(EntryKind::kHeader));
  out->Signed(header.epoch);
  out->Signed(header.writer_id);
  out->Unsigned(header.refused.size());
  for (const int64_t offset : header.refused) out->Signed(offset);
}

Header ReadHeader(EntryReader* in) {
  Header header;
  header.epoch = in->Signed();
  header.writer_id = in->Signed();
  header.refused.resize(in->Count(1));
  int64_t last = -1;
  for (int64_t& offset : header.refused) {
    offset = in->Signed();
    if (offset <= last) in->Fail();
    last = offset;
  }
  if (header.epoch < 0 || header.writer_id < 0) in->Fail();
  return header;
}

void Write(const Part& part, EntryWriter* out) {
  out->Byte(static_cast<uint8_t>(EntryKind::kPart));
  WriteTransaction(part.transaction, out);
  out->Unsigned(part.number);
  out->Raw(part.bytes);
}

Part ReadPart(EntryReader* in) {
  Part part;
  part.transaction = ReadTransaction(in);
  part.number = ReadUint32(in);
  part.bytes = in->Rest();
  return part;
}

void Write(const Commit& commit, EntryWriter* out) {
  out->Byte(static_cast<uint8_t>(EntryKind::kCommit));
  WriteTransaction(commit.transaction, out);
  WritePosition(commit.applied, out);
  out->Unsigned(commit.reads.size());
  for (const Reads& reads : commit.reads) {
    WritePosition(reads.at, out);
    WriteItems(reads.items, out);
  }
  WriteItems(commit.writes, out);
  out->Unsigned(commit.targets.size());
  for (const Target& target : commit.targets) {
    WriteBucket(target.bucket, out);
    out->Unsigned(target.num_batches);
  }
  out->Unsigned(commit.num_parts);
  out->Raw(commit.body);
}

Commit ReadCommit(EntryReader* in) {
  Commit commit;
  commit.transaction = ReadTransaction(in);
  commit.applied = ReadPosition(in);
  commit.reads.resize(in->Count(3));
  for (Reads& reads : commit.reads) {
    reads.at = ReadPosition(in);
    reads.items = ReadItems(in);
  }
  commit.writes = ReadItems(in);
  commit.targets.resize(in->Count(4));
  for (Target& target : commit.targets) {
    target.bucket = ReadBucket(in);
    target.num_batches = ReadUint32(in);
  }
  commit.num_parts = ReadUint32(in);
  commit.body = in->Rest();
  return commit;
}

void Write(const Seal&, EntryWriter* out) { out->Byte(static_cast<uint8_t>(EntryKind::kSeal)); }

Status NoEntry() { return {ErrorCode::kCorruptRecord, "the bytes are no entry of a commit log"}; }

Result<Entry> ReadEntry(EntryReader* in) {
  switch (static_cast<EntryKind>(in->Byte())) {
    case EntryKind::kHeader: return Entry(ReadHeader(in));
    case EntryKind::kPart: return Entry(ReadPart(in));
    case EntryKind::kCommit: return Entry(ReadCommit(in));
    case EntryKind::kSeal: return Entry(Seal{});
  }
  return NoEntry();
}

void WriteLeaf(const LeafWrite& write, EntryWriter* out) {
  out->Byte(static_cast<uint8_t>(write.kind));
  WriteBucket(write.bucket, out);
  out->Unsigned(write.batches.size());
  for (const std::string& batch : write.batches) out->Text(batch);
  out->Unsigned(write.replaced.size());
  for (const auto& value : write.replaced) {
    out->Byte(value ? 1 : 0);
    if (value) out->Text(*value);
  }
  out->Unsigned(write.chunks.size());
  for (const LeafWrite::Chunk& chunk : write.chunks) {
    WriteBucket(chunk.bucket, out);
    out->Signed(chunk.number);
    out->Text(chunk.offsets);
  }
}

LeafWrite ReadLeaf(EntryReader* in) {
  LeafWrite write;
  const uint8_t kind = in->Byte();
  if (kind < 1 || kind > 3) in->Fail();
  write.kind = static_cast<LeafWrite::Kind>(kind);
  write.bucket = ReadBucket(in);
  write.batches.resize(in->Count(1));
  for (std::string& batch : write.batches) batch = in->Text();
  write.replaced.resize(in->Count(1));
  for (auto& value : write.replaced) {
    const uint8_t there = in->Byte();
    if (there > 1) in->Fail();
    if (there == 1) value = in->Text();
  }
  write.chunks.resize(in->Count(5));
  for (LeafWrite::Chunk& chunk : write.chunks) {
    chunk.bucket = ReadBucket(in);
    chunk.number = in->Signed();
    chunk.offsets = in->Text();
  }
  return write;
}

}  // namespace

std::string Position::ToString() const { return std::to_string(epoch) + "/" + std::to_string(offset); }

std::string EncodeEntry(const Entry& entry) {
  EntryWriter out;
  out.Byte(kVersion);
  std::visit([&](const auto& part) { Write(part, &out); }, entry);
  return out.Finish();
}

Result<Entry> DecodeEntry(std::string_view bytes) {
  EntryReader in(bytes);
  const uint8_t version = in.Byte();
  if (!in.ok() || version == 0) return NoEntry();
  if (version > kVersion) {
    return Status(ErrorCode::kUnsupportedVersion,
                  "the commit log has entries of version " + std::to_string(version) + ": a newer Weir writes it");
  }
  Result<Entry> entry = ReadEntry(&in);
  return in.done() ? std::move(entry) : NoEntry();
}

std::string EncodeBody(const std::vector<LeafWrite>& writes) {
  EntryWriter out;
  out.Unsigned(writes.size());
  for (const LeafWrite& write : writes) WriteLeaf(write, &out);
  return out.Finish();
}

Result<std::vector<LeafWrite>> DecodeBody(std::string_view bytes) {
  EntryReader in(bytes);
  std::vector<LeafWrite> writes(in.Count(7));
  for (LeafWrite& write : writes) write = ReadLeaf(&in);
  if (!in.done()) return Status(ErrorCode::kCorruptRecord, "the bytes are no body of a commit");
  return writes;
}

std::vector<Target> TargetsOf(const std::vector<LeafWrite>& writes) {
  std::map<TableBucket, size_t> batches;
  for (const LeafWrite& write : writes) {
    batches[write.bucket] += write.kind == LeafWrite::Kind::kDeletions ? 1 : write.batches.size();
  }
  std::vector<Target> targets;
  for (const auto& [bucket, count] : batches) targets.push_back({bucket, static_cast<uint32_t>(count)});
  return targets;
}

std::vector<Entry> CutIntoEntries(Commit commit, size_t piece) {
  std::vector<Entry> entries;
  const std::string body = std::move(commit.body);
  size_t at = 0;
  for (; body.size() - at > piece; at += piece) {
    entries.emplace_back(Part{commit.transaction, static_cast<uint32_t>(entries.size()), body.substr(at, piece)});
  }
  commit.num_parts = static_cast<uint32_t>(entries.size());
  commit.body = body.substr(at);
  entries.emplace_back(std::move(commit));
  return entries;
}

}  // namespace weir::commitlog
