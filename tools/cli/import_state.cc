#include "tools/cli/import_state.h"

#include <filesystem>
#include <memory>

#include "storage/base/file_system.h"
#include "tools/cli/json_document.h"
#include "tools/cli/json_text.h"

namespace skald::cli {
namespace {

constexpr uint64_t kMaxStateBytes = uint64_t{1} << 20;

std::string AsJson(const ImportState& state) {
  std::string out = "{";
  auto text = [&](std::string_view name, std::string_view value) {
    StrAppend(&out, "\"", name, "\":");
    AppendJsonString(&out, value);
    out += ",\n ";
  };
  text("source", state.task.source);
  text("target", state.task.target);
  text("selector", state.task.selector);
  StrAppend(&out, "\"start\":", state.task.span.start, ",\n \"end\":", state.task.span.end,
            ",\n \"done_until\":", state.done_until, ",\n \"entries\":", state.entries,
            ",\n \"bytes\":", state.bytes, "}\n");
  return out;
}

StatusOr<std::string> ReadWhole(const std::string& path) {
  ASSIGN_OR_RETURN(auto file, FileSystem::Posix()->NewRandomAccessFile(path));
  if (file->size() > kMaxStateBytes) return InvalidArgument(StrCat(path, ": too large"));
  std::string text(file->size(), '\0');
  ReadRange range{0, text.size(), text.data()};
  RETURN_IF_ERROR(file->ReadRanges({&range, 1}));
  return text;
}

Status WriteWhole(const std::string& path, std::string_view text) {
  ASSIGN_OR_RETURN(auto file, FileSystem::Posix()->NewWritableFile(path));
  RETURN_IF_ERROR(file->Append(text));
  RETURN_IF_ERROR(file->Sync());
  return file->Close();
}

}  // namespace

StatusOr<std::optional<ImportState>> ReadImportState(const std::string& path) {
  if (!FileSystem::Posix()->FileExists(path)) return std::nullopt;
  ASSIGN_OR_RETURN(std::string text, ReadWhole(path));
  JsonDocument document;
  auto root = document.Parse(text);
  if (!root.ok() || !(*root).is_object()) {
    return InvalidArgument(StrCat(path, " is not the state of an import"));
  }
  ImportState state;
  state.task.source = TextOf((*root)["source"]);
  state.task.target = TextOf((*root)["target"]);
  state.task.selector = TextOf((*root)["selector"]);
  state.task.span = {IntegerOf((*root)["start"]), IntegerOf((*root)["end"])};
  state.done_until = IntegerOf((*root)["done_until"]);
  state.entries = IntegerOf((*root)["entries"]);
  state.bytes = IntegerOf((*root)["bytes"]);
  return state;
}

Status WriteImportState(const std::string& path, const ImportState& state) {
  std::string folder = std::filesystem::path(path).parent_path();
  RETURN_IF_ERROR(WriteWhole(path + ".tmp", AsJson(state)));
  RETURN_IF_ERROR(FileSystem::Posix()->RenameFile(path + ".tmp", path));
  return FileSystem::Posix()->SyncDirectory(folder.empty() ? "." : folder);
}

}  // namespace skald::cli
