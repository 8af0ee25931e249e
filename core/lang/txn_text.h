// Transactions as text: etcdctl's three sections, and the same on one line.
//   used by: build_client.cc, command_text.cc      uses: command.h
//   ideas:   txn               txn if mod("k") > "0" and ver("k") = "1" then put k v; get k else get k
//            mod("k") > "0"
//            ver("k") = "1"
//
//            put k v
//            get k
//
//            get k
//
//   from: etcd etcdctl/ctlv3/command/txn_command.go (ParseCompare)
#pragma once

#include <string>
#include <vector>

#include "lang/client_command.h"
#include "lang/source.h"

namespace orrery::lang {

struct TxnParts {
  std::vector<rpc::Compare> compares;
  std::vector<TxnOp> success;
  std::vector<TxnOp> failure;
};

// Three sections, each ended by an empty line or the end.
Result<TxnParts> parse_txn_block(const std::vector<SourceLine>& lines);
// What follows the word "if"; `place` is where it begins.
Result<TxnParts> parse_txn_line(const std::string& text, const Place& place);
// value("k") = "v", with target and operator as etcdctl names them; quotes may be left out.
Result<rpc::Compare> parse_compare(const SourceLine& line);
std::string to_text(const rpc::Compare& compare);

}  // namespace orrery::lang
