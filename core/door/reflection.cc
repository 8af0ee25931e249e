#include "door/reflection.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "door/field_reader.h"
#include "door/grpc_status.h"
#include "door/service_descriptors.h"
#include "proto/wire.h"

namespace orrery::door {

namespace {

constexpr std::size_t kMostRequest = 4'096;
constexpr int kDeepest = 32;  // messages in one another

// The numbers of fields, as descriptor.proto and reflection.proto have them.
namespace file_field {
constexpr std::uint64_t kName = 1, kPackage = 2, kNeeds = 3, kMessage = 4, kEnum = 5, kService = 6;
}
namespace message_field {
constexpr std::uint64_t kField = 2, kMessage = 3, kEnum = 4, kOneof = 8;
}
namespace request_field {
constexpr std::uint64_t kFile = 3, kSymbol = 4, kExtension = 5, kExtensionsOf = 6, kServices = 7;
}
namespace response_field {
constexpr unsigned kHost = 1, kRequest = 2, kFiles = 4, kExtensions = 5, kServices = 6, kError = 7;
}

constexpr std::uint64_t kValues = 2;   // of an enum
constexpr std::uint64_t kMethods = 2;  // of a service

std::string joined(const std::string& scope, std::string_view name) {
  return scope.empty() ? std::string(name) : text("{}.{}", scope, name);
}

// What every descriptor but a file's says first.
std::string_view name_in(BytesView descriptor) {
  FieldReader reader(descriptor);
  while (!reader.at_end()) {
    const Field field = reader.next();
    if (field.number == 1) return field.bytes;
  }
  return {};
}

Bytes with_bytes(unsigned number, BytesView bytes) {
  Bytes out;
  wire::append_bytes_field(out, number, bytes);
  return out;
}

Bytes error_response(GrpcCode code, const std::string& words) {
  Bytes inner;
  wire::append_varint_field(inner, 1, static_cast<std::uint64_t>(code));
  wire::append_bytes_field(inner, 2, words);
  return with_bytes(response_field::kError, inner);
}

}  // namespace

Reflection::Reflection(BytesView descriptor_set) {
  FieldReader reader(descriptor_set);
  while (!reader.at_end()) {
    const Field field = reader.next();
    if (field.number == 1) read_file(field.bytes);
  }
  check(!reader.broken(), "a set of descriptors can be read");
  std::ranges::sort(services_);
}

const Reflection& Reflection::of_the_door() {
  static const Reflection door(service_descriptors());
  return door;
}

void Reflection::read_file(BytesView descriptor) {
  std::string name;
  std::string package;
  File file{.descriptor = Bytes(descriptor), .needs = {}};
  FieldReader heads(descriptor);
  while (!heads.at_end()) {
    const Field field = heads.next();
    if (field.number == file_field::kName) name = field.bytes;
    if (field.number == file_field::kPackage) package = field.bytes;
    if (field.number == file_field::kNeeds) file.needs.emplace_back(field.bytes);
  }
  files_.insert_or_assign(name, std::move(file));
  FieldReader parts(descriptor);
  while (!parts.at_end()) {
    const Field field = parts.next();
    if (field.number == file_field::kMessage) read_message(package, field.bytes, name, 0);
    if (field.number == file_field::kEnum) read_enum(package, field.bytes, name);
    if (field.number != file_field::kService) continue;
    const std::string service = joined(package, name_in(field.bytes));
    symbols_[service] = name;
    read_names(service, field.bytes, kMethods, name);
    services_.push_back(service);
  }
}

void Reflection::read_message(const std::string& scope, BytesView message, const std::string& file,
                              int depth) {
  check(depth < kDeepest, "messages do not nest for ever");
  const std::string name = joined(scope, name_in(message));
  messages_.insert(name);
  symbols_[name] = file;
  read_names(name, message, message_field::kField, file);
  read_names(name, message, message_field::kOneof, file);
  FieldReader reader(message);
  while (!reader.at_end()) {
    const Field field = reader.next();
    if (field.number == message_field::kMessage) read_message(name, field.bytes, file, depth + 1);
    if (field.number == message_field::kEnum) read_enum(name, field.bytes, file);
  }
}

// The names in a list of a descriptor's.
void Reflection::read_names(const std::string& scope, BytesView descriptor, std::uint64_t list,
                            const std::string& file) {
  FieldReader reader(descriptor);
  while (!reader.at_end()) {
    const Field field = reader.next();
    if (field.number == list) symbols_[joined(scope, name_in(field.bytes))] = file;
  }
}

// An enum's values stand beside it, as in C.
void Reflection::read_enum(const std::string& scope, BytesView descriptor,
                           const std::string& file) {
  symbols_[joined(scope, name_in(descriptor))] = file;
  read_names(scope, descriptor, kValues, file);
}

std::string Reflection::file_of(std::string_view symbol) const {
  const auto found = symbols_.find(symbol);
  return found == symbols_.end() ? std::string() : found->second;
}

// The file itself first, then whatever it needs, each once.
Bytes Reflection::files_response(const std::string& name) const {
  Bytes inner;
  std::vector<std::string> wanted{name};
  std::set<std::string> seen{name};
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    const File& file = files_.at(wanted[at]);
    wire::append_bytes_field(inner, 1, file.descriptor);
    for (const std::string& needed : file.needs) {
      if (seen.insert(needed).second) wanted.push_back(needed);
    }
  }
  return with_bytes(response_field::kFiles, inner);
}

Bytes Reflection::response_to(std::uint64_t asked, BytesView about) const {
  if (asked == request_field::kServices) {
    Bytes inner;
    for (const std::string& service : services_) {
      wire::append_bytes_field(inner, 1, with_bytes(1, service));
    }
    return with_bytes(response_field::kServices, inner);
  }
  if (asked == request_field::kExtension) {
    return error_response(GrpcCode::NotFound,
                          text("no extension of {} is known", quoted(name_in(about))));
  }
  if (asked == request_field::kExtensionsOf) {
    if (messages_.contains(about))
      return with_bytes(response_field::kExtensions, with_bytes(1, about));
    return error_response(GrpcCode::NotFound, text("unknown type {}", quoted(about)));
  }
  const bool is_symbol = asked == request_field::kSymbol;
  const std::string file = is_symbol ? file_of(about) : std::string(about);
  if (files_.contains(file)) return files_response(file);
  return error_response(GrpcCode::NotFound,
                        text("unknown {} {}", is_symbol ? "symbol" : "file", quoted(about)));
}

Result<Bytes> Reflection::answer(BytesView request) const {
  if (request.size() > kMostRequest) {
    return fail(Errc::RequestTooLarge, text("a reflection request of {} bytes (at most {})",
                                            request.size(), kMostRequest));
  }
  std::uint64_t asked = 0;
  Field about;
  BytesView host;
  FieldReader reader(request);
  while (!reader.at_end()) {
    const Field field = reader.next();
    if (field.number == 1) host = field.bytes;
    if (field.number < request_field::kFile || field.number > request_field::kServices) continue;
    asked = field.number;
    about = field;
  }
  if (reader.broken()) return fail(Errc::Corrupt, "proto: the message's bytes cannot be read");
  if (asked == 0) return fail(Errc::WrongUse, "invalid MessageRequest: it asks for nothing");
  Bytes out;
  if (!host.empty()) wire::append_bytes_field(out, response_field::kHost, host);
  wire::append_bytes_field(out, response_field::kRequest, request);
  return out + response_to(asked, about.bytes);
}

}  // namespace orrery::door
