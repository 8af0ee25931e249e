// JSON and fields of the answers of the services beside KV, from the messages' own lists of fields.
//   used by: print_services.cc, print_endpoints.cc
//   ideas:   fields() names them as etcd's JSON does, and the order is Go's; what is zero or empty is left out.
//   from: etcd etcdctl/ctlv3/command (printer.go, printer_fields.go), clientv3/lease.go (its own structs)
#pragma once

#include <cstdint>
#include <string>

#include "client/client.h"
#include "lang/etcdctl.h"
#include "proto/rpc.h"

namespace orrery::lang {

std::string service_json(const client::Call& call, const rpc::Response& response);
std::string service_fields(const rpc::Response& response);
// -w simple, whole lines.
std::string simple_lines(const client::Call& call, const rpc::Response& response);
// What is printed where every endpoint was asked for itself. requires: call.each
Printed print_parts(const client::Call& call, const CallOptions& options);
// "127.0.0.1:2379": where clients reach n1.
std::string endpoint_text(std::uint32_t member);

}  // namespace orrery::lang
