#include <algorithm>
#include <array>

#include "base/text.h"
#include "lang/text_table.h"

namespace orrery::lang {

namespace {

std::string upper(std::string word) {
  for (char& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return word;
}

std::string centred(const std::string& word, std::size_t width) {
  const std::size_t gap = width - word.size();
  const std::size_t left = gap / 2;
  return std::string(left, ' ') + word + std::string(gap - left, ' ');
}

std::string right(const std::string& word, std::size_t width) {
  return std::string(width - word.size(), ' ') + word;
}

template <class Place>
std::string row_text(const TableRow& row, const std::vector<std::size_t>& widths, Place&& place) {
  std::string out = "|";
  for (std::size_t i = 0; i < widths.size(); ++i) {
    out += " " + place(i < row.size() ? row[i] : std::string(), widths[i]) + " |";
  }
  return out + "\n";
}

}  // namespace

std::string table_text(const TableRow& headings, const std::vector<TableRow>& rows) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < headings.size(); ++i) {
    std::size_t width = headings[i].size();
    for (const TableRow& row : rows) {
      if (i < row.size()) width = std::max(width, row[i].size());
    }
    widths.push_back(width);
  }
  std::string rule = "+";
  for (const std::size_t width : widths) rule += std::string(width + 2, '-') + "+";
  rule += "\n";
  TableRow capitals;
  for (const std::string& heading : headings) capitals.push_back(upper(heading));
  std::string out = rule + row_text(capitals, widths, centred) + rule;
  for (const TableRow& row : rows) out += row_text(row, widths, right);
  return rows.empty() ? out : out + rule;
}

std::string size_text(std::int64_t bytes) {
  static constexpr std::array<std::string_view, 5> kUnits{"B", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  std::int64_t tenths = 0;  // of the unit, rounded
  for (std::int64_t base = 1; bytes / base >= 1000 && unit + 1 < kUnits.size(); ++unit) {
    base *= 1000;
    tenths = (bytes * 10 + base / 2) / base;
  }
  if (unit == 0) return text("{} B", bytes);
  if (tenths < 100) return text("{}.{} {}", tenths / 10, tenths % 10, kUnits.at(unit));
  // Halves go to the even number, as Go prints them.
  const bool up = tenths % 10 > 5 || (tenths % 10 == 5 && tenths / 10 % 2 == 1);
  return text("{} {}", tenths / 10 + (up ? 1 : 0), kUnits.at(unit));
}

TableRow cells_of(std::string_view line) {
  TableRow out;
  while (line.ends_with('\n')) line.remove_suffix(1);
  for (;;) {
    const std::size_t comma = line.find(", ");
    out.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return out;
    line.remove_prefix(comma + 2);
  }
}

TableRow headings_of(std::string_view line) {
  if (line.starts_with("endpoint status")) {
    return {"endpoint",           "ID",         "version",   "db size",
            "is leader",          "is learner", "raft term", "raft index",
            "raft applied index", "errors"};
  }
  if (line.starts_with("endpoint hashkv")) return {"endpoint", "hash"};
  return {"ID", "status", "name", "peer addrs", "client addrs", "is learner"};
}

}  // namespace orrery::lang
