// A JSON object's own members, as far as a token's claims need them: words and numbers by name.
//   used by: jwt.cc    uses: nothing
//   ideas:   what is nested is read over, not kept. A number is its whole part, as every claim of time is one.
//   from: RFC 8259
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace orrery::auth {

// Neither: true, false, null, an array, an object.
using JsonMember = std::variant<std::monostate, std::string, std::int64_t>;
using JsonObject = std::map<std::string, JsonMember>;

// None: no object, or something behind it. Of two members of one name the last counts.
std::optional<JsonObject> parse_json_object(std::string_view json);
// A word in quotes, as Go's encoding/json writes it.
std::string json_word(std::string_view bytes);

}  // namespace orrery::auth
