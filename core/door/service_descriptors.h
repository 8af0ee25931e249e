// The descriptors of core/proto/services, as protoc writes them: a FileDescriptorSet. The build makes the .cc.
//   used by: reflection.cc    uses: nothing
#pragma once

#include <string_view>

namespace orrery::door {

std::string_view service_descriptors();

}  // namespace orrery::door
