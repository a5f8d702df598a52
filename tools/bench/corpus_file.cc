#include "tools/bench/corpus_file.h"

#include "storage/base/coding.h"
#include "storage/base/strings.h"

namespace skald::bench {
namespace {

constexpr std::string_view kMagic = "SKBENCH1";
constexpr size_t kBodyHeaderSize = 12;

}  // namespace

StatusOr<CorpusWriter> CorpusWriter::Create(const std::string& path, BodyEncoding encoding) {
  CorpusWriter writer;
  writer.file_.open(path, std::ios::binary | std::ios::trunc);
  if (!writer.file_) return InvalidArgument(StrCat("cannot write ", path));
  writer.file_ << kMagic << static_cast<char>(encoding);
  return writer;
}

void CorpusWriter::Add(const CorpusBody& body) {
  std::string header;
  PutFixed32(&header, body.lines);
  PutFixed32(&header, body.line_bytes);
  PutFixed32(&header, static_cast<uint32_t>(body.bytes.size()));
  file_ << header << body.bytes;
}

Status CorpusWriter::Finish() {
  file_.close();
  return file_ ? absl::OkStatus() : Internal("writing the corpus failed");
}

StatusOr<Corpus> ReadCorpus(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string magic(kMagic.size() + 1, '\0');
  file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  if (!file || !magic.starts_with(kMagic)) return InvalidArgument(StrCat(path, " is no corpus"));
  Corpus corpus;
  corpus.encoding = static_cast<BodyEncoding>(magic.back());
  char header[kBodyHeaderSize];
  while (file.read(header, kBodyHeaderSize)) {
    CorpusBody body;
    body.lines = LoadFixed<uint32_t>(header);
    body.line_bytes = LoadFixed<uint32_t>(header + 4);
    body.bytes.resize(LoadFixed<uint32_t>(header + 8));
    if (!file.read(body.bytes.data(), static_cast<std::streamsize>(body.bytes.size()))) {
      return InvalidArgument(StrCat(path, " is cut short"));
    }
    corpus.bodies.push_back(std::move(body));
  }
  return corpus;
}

}  // namespace skald::bench
