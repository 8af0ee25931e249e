// Reflection: tells a client which services there are, and of what their messages are made.
//   used by: grpc_call.h    uses: field_reader.h, service_descriptors.h (made by protoc of core/proto/services)
//   ideas:   a table of files and of the names in them, read once from a set of descriptors; an answer is bytes that
//            lie there already. v1 and v1alpha have the same bytes.
//   limits:  a request of 4 KiB, for the answer repeats it; the call reads the next when the last answer is taken.
//   from: the server reflection protocol of gRPC; grpc-go reflection (a file comes with what it needs)
//   differs: a stock etcd has no reflection. All methods are described, those that the release does not know as well.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/blob.h"
#include "base/result.h"

namespace orrery::door {

class Reflection {
 public:
  // Of a FileDescriptorSet. requires: protoc has made it
  explicit Reflection(BytesView descriptor_set);
  // Of what this door serves.
  static const Reflection& of_the_door();

  // The answer to a ServerReflectionRequest. Errors: Corrupt (no such message), WrongUse (it asks for nothing),
  // RequestTooLarge.
  Result<Bytes> answer(BytesView request) const;

  const std::vector<std::string>& services() const { return services_; }
  // The file that a message, an enum, a service, or something in one of them is in; empty = none.
  std::string file_of(std::string_view symbol) const;

 private:
  struct File {
    Bytes descriptor;
    std::vector<std::string> needs;  // other files
  };

  void read_file(BytesView descriptor);
  void read_message(const std::string& scope, BytesView message, const std::string& file,
                    int depth);
  void read_names(const std::string& scope, BytesView descriptor, std::uint64_t list,
                  const std::string& file);
  void read_enum(const std::string& scope, BytesView descriptor, const std::string& file);
  Bytes files_response(const std::string& name) const;
  Bytes response_to(std::uint64_t asked, BytesView about) const;

  std::map<std::string, File> files_;
  std::map<std::string, std::string, std::less<>> symbols_;  // which file
  std::set<std::string, std::less<>> messages_;
  std::vector<std::string> services_;  // in order
};

}  // namespace orrery::door
