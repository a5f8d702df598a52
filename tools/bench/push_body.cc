#include "tools/bench/push_body.h"

#include <snappy.h>
#include <zlib.h>

#include "absl/strings/str_format.h"
#include "storage/base/check.h"
#include "storage/base/coding.h"
#include "storage/base/strings.h"

namespace skald::bench {
namespace {

constexpr int kVarintField = 0;
constexpr int kBytesField = 2;

void PutTag(std::string* out, uint32_t field, int type) {
  PutVarint64(out, field << 3 | static_cast<uint32_t>(type));
}
void PutBytes(std::string* out, uint32_t field, std::string_view bytes) {
  PutTag(out, field, kBytesField);
  PutLengthPrefixed(out, bytes);
}
void PutNumber(std::string* out, uint32_t field, uint64_t number) {
  if (number == 0) return;
  PutTag(out, field, kVarintField);
  PutVarint64(out, number);
}

// logproto.PushRequest {1: StreamAdapter {1: labels, 2: Entry {1: Timestamp, 2: line, 3: pair}}}
std::string EncodeProtobuf(const std::vector<BodyStream>& streams) {
  constexpr int64_t kSecond = 1'000'000'000;
  std::string request;
  for (const BodyStream& stream : streams) {
    std::string adapter;
    PutBytes(&adapter, 1, stream.labels);
    for (const BodyEntry& entry : stream.entries) {
      std::string time;
      PutNumber(&time, 1, static_cast<uint64_t>(entry.time / kSecond));
      PutNumber(&time, 2, static_cast<uint64_t>(entry.time % kSecond));
      std::string encoded;
      PutBytes(&encoded, 1, time);
      PutBytes(&encoded, 2, entry.line);
      for (const auto& [name, value] : entry.metadata) {
        std::string pair;
        PutBytes(&pair, 1, name);
        PutBytes(&pair, 2, value);
        PutBytes(&encoded, 3, pair);
      }
      PutBytes(&adapter, 2, encoded);
    }
    PutBytes(&request, 1, adapter);
  }
  return request;
}

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') out->push_back('\\');
    if (static_cast<uint8_t>(c) < 0x20) {
      absl::StrAppendFormat(out, "\\u%04x", c);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

void AppendJsonObject(const std::vector<std::pair<std::string, std::string>>& pairs,
                      std::string* out) {
  out->push_back('{');
  for (const auto& [name, value] : pairs) {
    if (out->back() != '{') out->push_back(',');
    AppendJsonString(name, out);
    out->push_back(':');
    AppendJsonString(value, out);
  }
  out->push_back('}');
}

std::string EncodeJson(const std::vector<BodyStream>& streams) {
  std::string out = "{\"streams\":[";
  for (const BodyStream& stream : streams) {
    if (out.back() == '}') out.push_back(',');
    out += "{\"stream\":";
    AppendJsonObject(stream.pairs, &out);
    out += ",\"values\":[";
    for (const BodyEntry& entry : stream.entries) {
      if (out.back() == ']') out.push_back(',');
      StrAppend(&out, "[\"", entry.time, "\",");
      AppendJsonString(entry.line, &out);
      if (!entry.metadata.empty()) {
        out.push_back(',');
        AppendJsonObject(entry.metadata, &out);
      }
      out.push_back(']');
    }
    out += "]}";
  }
  return out + "]}";
}

std::string Gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemoryLevel = 8;
  z_stream stream = {};
  SKALD_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                           Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  SKALD_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace

StatusOr<BodyEncoding> ParseBodyEncoding(std::string_view name) {
  if (name == "protobuf") return BodyEncoding::kProtobufSnappy;
  if (name == "json") return BodyEncoding::kJson;
  if (name == "gzip") return BodyEncoding::kJsonGzip;
  return InvalidArgument(StrCat("unknown encoding: ", name));
}

std::string_view ContentType(BodyEncoding encoding) {
  return encoding == BodyEncoding::kProtobufSnappy ? "application/x-protobuf" : "application/json";
}

std::string_view ContentEncoding(BodyEncoding encoding) {
  return encoding == BodyEncoding::kJsonGzip ? "gzip" : "";
}

std::string EncodeBody(const std::vector<BodyStream>& streams, BodyEncoding encoding) {
  if (encoding == BodyEncoding::kJson) return EncodeJson(streams);
  if (encoding == BodyEncoding::kJsonGzip) return Gzip(EncodeJson(streams));
  const std::string request = EncodeProtobuf(streams);
  std::string compressed;
  snappy::Compress(request.data(), request.size(), &compressed);
  return compressed;
}

}  // namespace skald::bench
