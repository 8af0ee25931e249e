#include "door/caller.h"

#include <chrono>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "door/grpc_bytes.h"

namespace orrery::door {

namespace {

void prepare(grpc::ClientContext& context, Nanos timeout, const std::string& token) {
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::nanoseconds(timeout.value()));
  if (!token.empty()) context.AddMetadata("token", token);
}

// Waits for what was begun last.
bool went_well(grpc::CompletionQueue& queue) {
  void* tag = nullptr;
  bool ok = false;
  return queue.Next(&tag, &ok) && ok;
}

GrpcCaller::Reply reply_of(const grpc::Status& status, const grpc::ByteBuffer& in) {
  return {.code = status.error_code(),
          .words = status.error_message(),
          .bytes = status.ok() ? bytes_of(in) : Bytes()};
}

}  // namespace

struct GrpcCaller::Impl {
  explicit Impl(const std::string& endpoint)
      : stub(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials())) {}

  grpc::GenericStub stub;
};

GrpcCaller::GrpcCaller(const std::string& endpoint) : impl_(std::make_unique<Impl>(endpoint)) {}

GrpcCaller::~GrpcCaller() = default;
GrpcCaller::GrpcCaller(GrpcCaller&&) noexcept = default;
GrpcCaller& GrpcCaller::operator=(GrpcCaller&&) noexcept = default;

GrpcCaller::Reply GrpcCaller::ask(std::string_view method, BytesView request, Nanos timeout,
                                  const std::string& token) {
  grpc::ClientContext context;
  prepare(context, timeout, token);
  const grpc::ByteBuffer out = buffer_of(request);
  grpc::CompletionQueue queue;
  const auto call = impl_->stub.PrepareUnaryCall(&context, std::string(method), out, &queue);
  call->StartCall();
  grpc::ByteBuffer in;
  grpc::Status status;
  call->Finish(&in, &status, nullptr);
  (void)went_well(queue);
  return reply_of(status, in);
}

GrpcCaller::Reply GrpcCaller::ask_stream(std::string_view method, BytesView request, Nanos timeout,
                                         const std::string& token) {
  grpc::ClientContext context;
  prepare(context, timeout, token);
  grpc::CompletionQueue queue;
  const auto call = impl_->stub.PrepareCall(&context, std::string(method), &queue);
  call->StartCall(nullptr);
  bool going = went_well(queue);
  if (going) {
    call->Write(buffer_of(request), nullptr);
    going = went_well(queue);
  }
  grpc::ByteBuffer in;
  if (going) {
    call->Read(&in, nullptr);
    going = went_well(queue);
  }
  if (going) {
    context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    (void)went_well(queue);
    return reply_of(grpc::Status::OK, in);
  }
  grpc::Status status;
  call->Finish(&status, nullptr);
  (void)went_well(queue);
  return reply_of(status, in);
}

Result<Bytes> GrpcCaller::call(std::string_view method, BytesView request, Nanos timeout,
                               const std::string& token) {
  Reply reply = ask(method, request, timeout, token);
  if (reply.code != 0) return fail(Errc::Unavailable, reply.words);
  return std::move(reply.bytes);
}

}  // namespace orrery::door
