// Go's ways with text, as far as etcdctl's output depends on them.
//   used by: print_fields.cc, print_simple.cc      uses: nothing
//   from: Go strconv.Quote; etcd etcdctl/ctlv3/command/util.go (addHexPrefix)
#pragma once

#include <string>
#include <string_view>

namespace orrery::lang {

// %q: printable Unicode as it is, control characters by letter or number, bytes that are not UTF-8 as \xNN.
std::string go_quoted(std::string_view bytes);
// etcdctl --hex: \x68\x65.
std::string hex_escaped(std::string_view bytes);
bool is_go_printable(char32_t rune);

}  // namespace orrery::lang
