#include "sql/engine/text_dictionaries.h"

#include <arrow/array/array_binary.h>

#include <string_view>
#include <unordered_map>

#include "sql/engine/types.h"
#include "types/mutex.h"
#include "types/recently_used.h"

namespace weir::sql {
namespace {

constexpr int64_t kLeastRows = 4096;  // else it takes more than it saves
constexpr size_t kMostTexts = 255;    // the last code is for NULL
constexpr size_t kLongestText = 256;
constexpr int64_t kMostBytes = 32 << 20;
constexpr size_t kMostColumns = 1 << 16;

/// What is known of columns, by where they are in memory.
class KnownColumns {
 public:
  TextDictionaryPtr Find(const DataType& type, const std::shared_ptr<arrow::Array>& array) {
    {
      MutexLock lock(mutex_);
      Column* const known = columns_.Find(array->data().get());
      const bool same = known != nullptr && known->array.lock() == array->data();
      if (same && known->is_tried) return known->dictionary;
      if (!same) {  // a column that comes once only is none to look through
        if (known != nullptr) Erase(array->data().get());
        columns_.Add(array->data().get(), {array->data(), false, nullptr});
        DropOld();
        return nullptr;
      }
      known->is_tried = true;
    }
    const TextDictionaryPtr made = TextDictionary::Make(type, *array);
    MutexLock lock(mutex_);
    Column* const known = columns_.Find(array->data().get());
    if (known == nullptr || known->dictionary != nullptr || made == nullptr) return made;
    known->dictionary = made;
    bytes_ += made->bytes();
    DropOld();
    return made;
  }

 private:
  struct Column {
    std::weak_ptr<arrow::ArrayData> array;  // others may come to lie where it was
    bool is_tried = false;
    TextDictionaryPtr dictionary;  // null: none
  };

  void Erase(const arrow::ArrayData* array) WEIR_REQUIRES(mutex_) {
    const Column* const column = columns_.Find(array);
    if (column->dictionary != nullptr) bytes_ -= column->dictionary->bytes();
    columns_.Erase(array);
  }
  void DropOld() WEIR_REQUIRES(mutex_) {
    while (columns_.size() > kMostColumns || bytes_ > kMostBytes) Erase(columns_.last().first);
  }

  Mutex mutex_;
  RecentlyUsed<const arrow::ArrayData*, Column> columns_ WEIR_GUARDED_BY(mutex_);
  int64_t bytes_ WEIR_GUARDED_BY(mutex_) = 0;
};

}  // namespace

TextDictionaryPtr TextDictionary::Make(const DataType& type, const arrow::Array& array) {
  const auto& texts = static_cast<const arrow::BinaryArray&>(array);
  std::unordered_map<std::string_view, uint8_t> codes;
  std::vector<std::string_view> different;
  const auto dictionary = std::make_shared<TextDictionary>();
  dictionary->codes_.resize(static_cast<size_t>(texts.length()));
  for (int64_t i = 0; i < texts.length(); ++i) {
    if (texts.IsNull(i)) {
      dictionary->codes_[i] = kMostTexts;
      continue;
    }
    const auto [found, added] = codes.try_emplace(texts.GetView(i), static_cast<uint8_t>(different.size()));
    if (added) different.push_back(found->first);
    if (different.size() > kMostTexts || found->first.size() > kLongestText) return nullptr;
    dictionary->codes_[i] = found->second;
  }
  duckdb::Vector values(ToDuckType(type), kMostTexts + 1);
  auto* const stored = duckdb::FlatVector::GetData<duckdb::string_t>(values);
  for (size_t i = 0; i <= kMostTexts; ++i) {
    const std::string_view text = i < different.size() ? different[i] : std::string_view();
    stored[i] = duckdb::StringVector::AddStringOrBlob(values, text.data(), text.size());
    dictionary->bytes_of_texts_ += static_cast<int64_t>(sizeof(duckdb::string_t) + text.size());
  }
  duckdb::FlatVector::SetNull(values, kMostTexts, true);
  // It has no id: functions are computed of rows, not of texts that no row may have any more.
  dictionary->texts_ = duckdb::make_buffer<duckdb::VectorChildBuffer>(std::move(values));
  dictionary->texts_->size = kMostTexts + 1;
  return dictionary;
}

void TextDictionary::Fill(int64_t offset, duckdb::idx_t count, duckdb::Vector& vector) const {
  duckdb::SelectionVector rows(count);
  for (duckdb::idx_t i = 0; i < count; ++i) rows.set_index(i, codes_[static_cast<size_t>(offset) + i]);
  vector.Dictionary(texts_, rows);
}

TextDictionaryPtr FindTextDictionary(const DataType& type, const std::shared_ptr<arrow::Array>& array) {
  const bool is_text = type.id() == TypeId::kString || type.id() == TypeId::kChar;
  if (!is_text || array->length() < kLeastRows || array->type_id() != arrow::Type::STRING) return nullptr;
  // Never destroyed: a thread may still read while the process ends.
  static auto& known = *new KnownColumns;
  return known.Find(type, array);
}

}  // namespace weir::sql
