#include "door/caller_stream.h"

#include <chrono>
#include <deque>
#include <utility>

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "door/grpc_bytes.h"

namespace orrery::door {

namespace {

constexpr Nanos kConnectTime = seconds(5);

std::chrono::system_clock::time_point in(Nanos time) {
  return std::chrono::system_clock::now() + std::chrono::nanoseconds(time.value());
}

}  // namespace

struct CallerStream::Impl {
  explicit Impl(const std::string& endpoint)
      : stub(grpc::CreateChannel(endpoint, grpc::InsecureChannelCredentials())) {}

  // What was begun is told by these; what they point to means nothing.
  void* tag_of_start() { return &started; }
  void* tag_of_write() { return &written; }
  void* tag_of_read() { return &incoming; }
  void* tag_of_end() { return &status; }

  // Takes one event. False = none came in that time.
  bool step(Nanos patience) {
    void* tag = nullptr;
    bool ok = false;
    if (queue.AsyncNext(&tag, &ok, in(patience)) != grpc::CompletionQueue::GOT_EVENT) return false;
    if (tag == tag_of_start()) on_start(ok);
    if (tag == tag_of_write()) written = true;
    if (tag == tag_of_read()) on_read(ok);
    if (tag == tag_of_end()) {
      ending = GrpcCaller::Reply{
          .code = status.error_code(), .words = status.error_message(), .bytes = {}};
    }
    return true;
  }

  void on_start(bool ok) {
    started = true;
    if (ok) {
      call->Read(&incoming, tag_of_read());
    } else {
      call->Finish(&status, tag_of_end());
    }
  }

  void on_read(bool ok) {
    if (!ok) return call->Finish(&status, tag_of_end());
    responses.push_back(bytes_of(incoming));
    incoming.Clear();
    call->Read(&incoming, tag_of_read());
  }

  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  grpc::GenericStub stub;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
  grpc::ByteBuffer incoming;
  grpc::Status status;
  bool started = false;
  bool written = false;
  std::deque<Bytes> responses;
  std::optional<GrpcCaller::Reply> ending;
};

CallerStream::CallerStream(const std::string& endpoint, std::string_view method,
                           const std::string& token)
    : impl_(std::make_unique<Impl>(endpoint)) {
  if (!token.empty()) impl_->context.AddMetadata("token", token);
  impl_->call = impl_->stub.PrepareCall(&impl_->context, std::string(method), &impl_->queue);
  impl_->call->StartCall(impl_->tag_of_start());
  while (!impl_->started && impl_->step(kConnectTime)) {
  }
}

CallerStream::~CallerStream() {
  impl_->context.TryCancel();
  while (!impl_->ending && impl_->step(kConnectTime)) {
  }
  impl_->queue.Shutdown();
  while (impl_->step(kConnectTime)) {
  }
}

bool CallerStream::write(BytesView request) {
  if (!impl_->started || impl_->ending) return false;
  impl_->written = false;
  impl_->call->Write(buffer_of(request), impl_->tag_of_write());
  while (!impl_->written && !impl_->ending && impl_->step(kConnectTime)) {
  }
  return impl_->written && !impl_->ending;
}

std::optional<Bytes> CallerStream::read(Nanos patience) {
  const auto until = in(patience);
  while (impl_->responses.empty() && !impl_->ending) {
    const auto left = until - std::chrono::system_clock::now();
    const auto nanos = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
    if (nanos < 0 || !impl_->step(Nanos(nanos))) break;
  }
  if (impl_->responses.empty()) return std::nullopt;
  Bytes out = std::move(impl_->responses.front());
  impl_->responses.pop_front();
  return out;
}

const std::optional<GrpcCaller::Reply>& CallerStream::ending() const {
  return impl_->ending;
}

}  // namespace orrery::door
