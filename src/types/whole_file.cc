#include "types/whole_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace weir {

std::optional<std::string> ReadWholeFile(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::error_code error;
  if (!stream || std::filesystem::is_directory(path, error)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

}  // namespace weir
