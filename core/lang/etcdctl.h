// etcdctl's printers: the very bytes that etcdctl 3.4.23 writes for an answer.
//   used by: the client that performs a command, cli, gui's console      uses: client_command.h
//   ideas:   one function per format; JSON fields stand in the order of etcd's Go structs, zero ones are left out
//            as encoding/json does with omitempty; keys and values are base64. `compaction` prints the same
//            words in every format.
//   from: etcd etcdctl/ctlv3/command (printer.go, printer_simple.go, printer_json.go, printer_fields.go,
//         watch_command.go); the bytes recorded from etcdctl 3.4.23
#pragma once

#include <string>

#include "base/result.h"
#include "client/client.h"
#include "lang/client_command.h"
#include "proto/rpc.h"

namespace orrery::lang {

struct Printed {
  std::string out;      // standard output, whole lines
  std::string err;      // standard error, whole lines
  int exit_status = 0;  // etcdctl's: 0, 1 an error, 5 a watch the server ended

  friend bool operator==(const Printed&, const Printed&) = default;
};

// How answers look.
struct PrintStyle {
  WriteOut write_out = WriteOut::Simple;
  bool hex = false;
  bool value_only = false;
};

// What etcdctl prints and returns for the answer to each command. An error's detail is etcd's own words.
// requires: the response, if there is one, is of the command's kind
Printed print_answer(const Put& put, const Result<rpc::Response>& answer);
Printed print_answer(const Get& get, const Result<rpc::Response>& answer);
Printed print_answer(const Del& del, const Result<rpc::Response>& answer);
Printed print_answer(const Txn& txn, const Result<rpc::Response>& answer);
Printed print_answer(const Compact& compact, const Result<rpc::Response>& answer);

// For the services beside KV: print_services.cc. What is printed depends on the call's request and its words.
Printed print_service(const client::Call& call, const CallOptions& options,
                      const Result<rpc::Response>& answer);
Printed print_answer(const SaveSnapshot& save, const Result<rpc::Response>& answer);
// What `snapshot status` prints for a file's bytes.
Printed print_snapshot_status(const SnapshotStatus& asked, BytesView bytes);
// etcdctl could not log in: no call was made.
Printed print_login_failed(const Error& error);

// What a running `watch` prints for one response of its watch. A created one prints nothing; a canceled one
// ends the command with exit status 5.
Printed print_watch(const Watch& watch, const rpc::WatchResponse& response);

// The formats alone.
std::string simple_text(const rpc::Response& response, const PrintStyle& style);
std::string simple_text(const rpc::WatchResponse& response, const PrintStyle& style);
std::string json_text(const rpc::Response& response);
std::string json_text(const rpc::WatchResponse& response);
std::string fields_text(const rpc::Response& response);
std::string fields_text(const rpc::WatchResponse& response);

// The server refused to create the watch; the client then makes up the response itself.
bool is_refused_create(const rpc::WatchResponse& response);

}  // namespace orrery::lang
