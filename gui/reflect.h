// Reflect: any value of the core as a tree of names and words, for the inspector.
//   used by: inspect.cc    uses: the fields() that every value of a world has
//   ideas:   nothing is written per type: what a type lists in fields() is what one sees. Long containers are cut.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <QString>

#include "base/blob.h"
#include "base/strong.h"
#include "gui/describe.h"
#include "gui/picture.h"
#include "gui/words.h"

namespace orrery::gui {

struct Node {
  QString name;
  QString value;
  std::vector<Node> children = {};
  Change change = Change::Same;
};

constexpr std::size_t kReflectedItems = 64;
constexpr int kReflectedDepth = 7;

template <class T>
Node reflect(const QString& name, const T& value, int depth = 0);

namespace reflect_detail {

struct AnyVisitor {
  template <class T>
  void operator()(const char*, const T&) const {}
};

template <class T>
concept HasFields = requires(const T& value) { value.fields(AnyVisitor{}); };

template <class T>
concept HasText = requires(const T& value) {
  { to_text(value) } -> std::convertible_to<std::string_view>;
};

template <class T>
concept IsRange = requires(const T& value) {
  value.begin();
  value.end();
  value.size();
};

template <class T>
struct IsStrong : std::false_type {};
template <class Tag, class Rep>
struct IsStrong<Strong<Tag, Rep>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVariant : std::false_type {};
template <class... T>
struct IsVariant<std::variant<T...>> : std::true_type {};
template <class T>
struct IsPair : std::false_type {};
template <class A, class B>
struct IsPair<std::pair<A, B>> : std::true_type {};

template <class T>
concept IsPointer = !std::is_pointer_v<T> && requires(const T& value) {
  *value;
  value.operator->();
};

template <class T>
QString scalar(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? phrase("yes") : phrase("no");
  } else if constexpr (std::is_integral_v<T>) {
    return QString::number(static_cast<qlonglong>(value));
  } else if constexpr (IsStrong<T>::value) {
    return QString::number(value.value());
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    return bytes_words(std::string_view(value));
  } else if constexpr (HasText<T>) {
    return q(to_text(value));
  } else {
    return QString::number(static_cast<int>(value));
  }
}

template <class T>
constexpr bool kScalar = std::is_integral_v<T> || std::is_enum_v<T> || IsStrong<T>::value ||
                         std::is_convertible_v<const T&, std::string_view>;

template <class T>
QString label(const T& key, std::size_t i) {
  if constexpr (kScalar<T>) {
    return scalar(key);
  } else if constexpr (HasText<T>) {
    return q(to_text(key));
  } else {
    return QString::number(static_cast<qulonglong>(i));
  }
}

template <class T>
void add_item(Node& node, const T& item, std::size_t i, int depth) {
  if constexpr (IsPair<T>::value) {
    node.children.push_back(reflect(label(item.first, i), item.second, depth + 1));
  } else {
    node.children.push_back(reflect(QString::number(static_cast<qulonglong>(i)), item, depth + 1));
  }
}

template <class T>
void add_range(Node& node, const T& range, int depth) {
  node.value = phrase("%1 items").arg(range.size());
  std::size_t i = 0;
  for (const auto& item : range) {
    if (i >= kReflectedItems) {
      node.children.push_back({.name = QStringLiteral("\u2026"), .value = {}});
      return;
    }
    add_item(node, item, i++, depth);
  }
}

}  // namespace reflect_detail

template <class T>
Node reflect(const QString& name, const T& value, int depth) {
  using namespace reflect_detail;
  Node node{.name = name, .value = {}};
  if constexpr (kScalar<T>) {
    node.value = scalar(value);
  } else if constexpr (IsOptional<T>::value) {
    if (!value) return {.name = name, .value = phrase("none")};
    return reflect(name, *value, depth);
  } else if constexpr (IsVariant<T>::value) {
    return std::visit([&](const auto& held) { return reflect(name, held, depth); }, value);
  } else if constexpr (std::is_same_v<T, std::monostate>) {
    node.value = phrase("none");
  } else {
    if (depth > kReflectedDepth) return {.name = name, .value = QStringLiteral("\u2026")};
    if constexpr (IsPointer<T>) {
      return reflect(name, *value, depth + 1);
    } else if constexpr (IsPair<T>::value) {
      node.children.push_back(reflect(QStringLiteral("first"), value.first, depth + 1));
      node.children.push_back(reflect(QStringLiteral("second"), value.second, depth + 1));
    } else if constexpr (IsRange<T>) {
      add_range(node, value, depth);
    } else if constexpr (HasFields<T>) {
      value.fields([&](std::string_view field, const auto& part) {
        node.children.push_back(reflect(q(field), part, depth + 1));
      });
    } else {
      node.value = QStringLiteral("\u2026");
    }
  }
  return node;
}

}  // namespace orrery::gui
