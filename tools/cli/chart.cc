#include "tools/cli/chart.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_format.h"
#include "storage/base/go_number.h"
#include "tools/cli/terminal_color.h"

namespace skald::cli {
namespace {

constexpr size_t kMaxRows = 40;    // of one series over time
constexpr size_t kMaxSeries = 40;  // of several
constexpr int kLeastBar = 8;

// Left parts of a cell, in eighths, and lower parts.
constexpr std::array<std::string_view, 9> kAcross = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr std::array<std::string_view, 9> kUpward = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};

struct Point {
  double seconds;
  double value;
};

struct Line {
  std::string name;
  std::vector<Point> points;  // finite values only
};

Line ReadLine(const MetricSeries& series) {
  Line line{LabelsText(series.labels), {}};
  for (const Sample& sample : series.samples) {
    auto value = ParseGoFloat(sample.value);
    if (value.ok() && std::isfinite(*value)) line.points.push_back({sample.seconds, *value});
  }
  return line;
}

std::string ValueText(double value) { return absl::StrFormat("%.4g", value); }

std::string Bar(double value, double most, int width, const ChartStyle& style) {
  double share = most > 0 ? std::clamp(value / most, 0.0, 1.0) : 0;
  auto eighths = static_cast<int>(std::lround(share * width * 8));
  if (value > 0 && eighths == 0) eighths = 1;
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += kAcross[8];
  bar += kAcross[static_cast<size_t>(eighths % 8)];
  return style.colored ? StrCat("\x1b[36m", bar, "\x1b[0m") : bar;
}

// At most `count` points, each the mean of some that follow one another.
std::vector<Point> Thinned(const std::vector<Point>& points, size_t count) {
  if (points.size() <= count) return points;
  std::vector<Point> thin;
  for (size_t i = 0; i < count; ++i) {
    size_t begin = i * points.size() / count;
    size_t end = (i + 1) * points.size() / count;
    double sum = 0;
    for (size_t j = begin; j < end; ++j) sum += points[j].value;
    thin.push_back({points[begin].seconds, sum / static_cast<double>(end - begin)});
  }
  return thin;
}

double MostOf(const std::vector<Point>& points) {
  double most = 0;
  for (const Point& point : points) most = std::max(most, point.value);
  return most;
}

// Rows of a head, a value and a bar, in columns.
struct Row {
  std::string head;
  double value;
};
std::string BarRows(const std::vector<Row>& rows, const ChartStyle& style) {
  size_t head_width = 0;
  size_t value_width = 0;
  double most = 0;
  for (const Row& row : rows) {
    head_width = std::max(head_width, row.head.size());
    value_width = std::max(value_width, ValueText(row.value).size());
    most = std::max(most, row.value);
  }
  int bar = std::max(style.width - static_cast<int>(head_width + value_width) - 4, kLeastBar);
  std::string out;
  for (const Row& row : rows) {
    absl::StrAppendFormat(&out, "%-*s  %*s  %s\n", head_width, row.head, value_width,
                          ValueText(row.value), Bar(row.value, most, bar, style));
  }
  return out;
}

std::string OverTime(const Line& line, const ChartStyle& style) {
  std::vector<Row> rows;
  for (const Point& point : Thinned(line.points, kMaxRows)) {
    absl::Time time = absl::FromUnixMillis(std::llround(point.seconds * 1000));
    rows.push_back({absl::FormatTime("%Y-%m-%d %H:%M:%S", time, style.zone), point.value});
  }
  return StrCat(line.name, "\n", BarRows(rows, style));
}

std::string Sparkline(const std::vector<Point>& points, double most, const ChartStyle& style) {
  std::string line;
  for (const Point& point : points) {
    double share = most > 0 ? std::clamp(point.value / most, 0.0, 1.0) : 0;
    auto eighths = static_cast<size_t>(std::lround(share * 8));
    line += kUpward[point.value > 0 ? std::max<size_t>(eighths, 1) : 0];
  }
  return style.colored ? StrCat("\x1b[36m", line, "\x1b[0m") : line;
}

std::string OfMany(std::vector<Line> lines, const ChartStyle& style) {
  std::stable_sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    return MostOf(a.points) > MostOf(b.points);
  });
  size_t left_out = lines.size() > kMaxSeries ? lines.size() - kMaxSeries : 0;
  lines.resize(lines.size() - left_out);
  double most = 0;
  for (const Line& line : lines) most = std::max(most, MostOf(line.points));
  std::string out;
  for (const Line& line : lines) {
    if (line.points.empty()) continue;
    StrAppend(&out, line.name, "  most ", ValueText(MostOf(line.points)), ", last ",
              ValueText(line.points.back().value), "\n",
              Sparkline(Thinned(line.points, static_cast<size_t>(style.width)), most, style), "\n");
  }
  if (left_out > 0) StrAppend(&out, "and ", left_out, " more series\n");
  return out;
}

std::string OfVector(const std::vector<Line>& lines, const ChartStyle& style) {
  std::vector<Row> rows;
  for (const Line& line : lines) {
    if (!line.points.empty()) rows.push_back({line.name, line.points[0].value});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.value > b.value; });
  if (rows.size() > kMaxSeries) rows.resize(kMaxSeries);
  return BarRows(rows, style);
}

}  // namespace

ChartStyle StyleOfTerminal(absl::TimeZone zone) {
  ChartStyle style;
  style.zone = zone;
  style.colored = ShowsColors(STDOUT_FILENO);
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) style.width = size.ws_col;
  return style;
}

std::string Chart(const QueryResponse& response, const ChartStyle& style) {
  if (response.type == ResultType::kScalar) return StrCat(response.scalar.value, "\n");
  std::vector<Line> lines;
  for (const MetricSeries& series : response.series) lines.push_back(ReadLine(series));
  if (lines.empty()) return "no data\n";
  if (response.type == ResultType::kVector) return OfVector(lines, style);
  return lines.size() == 1 ? OverTime(lines[0], style) : OfMany(std::move(lines), style);
}

}  // namespace skald::cli
