# Writes a source file that holds the bytes of another: cmake -DFROM=... -DTO=... -P embed_bytes.cmake
file(READ "${FROM}" bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n    " bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${bytes}")
file(WRITE "${TO}" "#include \"door/service_descriptors.h\"

namespace orrery::door {

std::string_view service_descriptors() {
  static constexpr unsigned char kBytes[] = {
    ${bytes}};
  return {reinterpret_cast<const char*>(kBytes), sizeof(kBytes)};
}

}  // namespace orrery::door
")
