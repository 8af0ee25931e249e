#include "door/caller.h"

#include <chrono>
#include <utility>
#include <vector>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

namespace orrery::door {

struct GrpcCaller::Impl {
  explicit Impl(const std::string& endpoint)
      : stub(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials())) {}

  grpc::GenericStub stub;
};

GrpcCaller::GrpcCaller(const std::string& endpoint) : impl_(std::make_unique<Impl>(endpoint)) {}

GrpcCaller::~GrpcCaller() = default;
GrpcCaller::GrpcCaller(GrpcCaller&&) noexcept = default;
GrpcCaller& GrpcCaller::operator=(GrpcCaller&&) noexcept = default;

Result<Bytes> GrpcCaller::call(std::string_view method, BytesView request, Nanos timeout,
                               const std::string& token) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::nanoseconds(timeout.value()));
  if (!token.empty()) context.AddMetadata("token", token);
  const grpc::Slice slice(request.data(), request.size());
  const grpc::ByteBuffer out(&slice, 1);
  grpc::CompletionQueue queue;
  const auto call = impl_->stub.PrepareUnaryCall(&context, std::string(method), out, &queue);
  call->StartCall();
  grpc::ByteBuffer in;
  grpc::Status status;
  call->Finish(&in, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!ok || !status.ok()) return fail(Errc::Unavailable, status.error_message());
  std::vector<grpc::Slice> slices;
  if (!in.Dump(&slices).ok()) return fail(Errc::Unavailable, "the answer cannot be read");
  Bytes bytes;
  for (const grpc::Slice& one : slices) {
    bytes.append(reinterpret_cast<const char*>(one.begin()), one.size());
  }
  return bytes;
}

}  // namespace orrery::door
