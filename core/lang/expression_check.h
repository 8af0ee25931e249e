// The checker: gives every name of an expression its meaning, and refuses what cannot be.
//   used by: expression_parser.cc      uses: expression_terms.h
//   ideas:   top-down: what is wanted of a node decides what a bare word in it means, so "leader" is a
//            role beside n1.role and the leading member elsewhere. An enclosing all/any hides both.
#pragma once

#include <optional>

#include "lang/expression.h"
#include "lang/expression_terms.h"

namespace orrery::lang {

// Rewrites the words of the expression to literals and variables; the line is for the places of errors.
Result<Type> check_expression(Expression& expression, const SourceLine& line,
                              std::optional<Type> wanted, Temporal temporal);

}  // namespace orrery::lang
