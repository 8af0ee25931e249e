#include "proto/rpc.h"

#include "base/digest.h"

namespace orrery::rpc {
namespace {

struct FindHeader {
  ResponseHeader* operator()(std::optional<ResponseHeader>& header) const {
    return header ? &*header : nullptr;
  }

  ResponseHeader* operator()(ResponseHeader& header) const { return &header; }
};

struct OfResponse {
  template <class Held>
  ResponseHeader* operator()(Held& held) const {
    if constexpr (IsVariant<Held>::value) {
      return std::visit(*this, held);
    } else {
      return FindHeader{}(held.header);
    }
  }
};

}  // namespace

ResponseHeader* edit_header(Response& response) {
  return std::visit(OfResponse{}, response);
}

const ResponseHeader* header_of(const Response& response) {
  // The search changes nothing.
  return edit_header(
      const_cast<Response&>(response));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}

}  // namespace orrery::rpc
