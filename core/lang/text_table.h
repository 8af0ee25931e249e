// Tables as etcdctl draws them (-w table).
//   used by: print_services.cc, print_endpoints.cc
//   from: olekukonko/tablewriter with etcdctl's settings: headings in capitals in the middle, cells to the right
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace orrery::lang {

using TableRow = std::vector<std::string>;

std::string table_text(const TableRow& headings, const std::vector<TableRow>& rows);
// In thousands, one digit behind the point below ten: "20 kB".
std::string size_text(std::int64_t bytes);
// The cells of a line of the simple format: "a, b, c".
TableRow cells_of(std::string_view line);
// Of `endpoint status`, `endpoint hashkv`, `member list`. requires: the line begins with one of them
TableRow headings_of(std::string_view line);

}  // namespace orrery::lang
