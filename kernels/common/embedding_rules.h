#pragma once

#include <headroom/kernels/attention.h>

#include "check.h"
#include "vocabulary_rules.h"

// What embeddings ask of their operands, on every backend.
namespace headroom::kernels {

inline constexpr const char* kIdRule = "an id lies outside the table";
inline constexpr const char* kPartIdRule = "an id lies outside the vocabulary";

/// The values of the ids are checked where they can be read, by kIdRule.
inline void check_embedding(const ConstView& table, const ConstView& ids, const ConstView& x, const char* operation) {
  require_floating(operation, table, x);
  require(ids.type == Type::int32, operation, "ids are not int32");
  require_shape(ids, x.batch, x.rows, 1, operation, "ids and rows differ in number");
  require(table.width == x.width, operation, "the table and the rows differ in width");
}

/// The same for a part of the vocabulary; the values of the ids by kPartIdRule.
inline void check_embedding_part(const ConstView& table, const ConstView& ids, const ConstView& x,
                                 const VocabularyPart& part, const char* operation) {
  check_embedding(table, ids, x, operation);
  check_part(part, table.rows, operation, "the part of the vocabulary has more entries than the table has rows");
}

inline void check_positions(const ConstView& table, const ConstView& x, const Position& position,
                            const char* operation) {
  require_floating(operation, table, x);
  require(table.width == x.width, operation, "the table and the rows differ in width");
  require(position.first >= 0 && position.first + x.rows <= table.rows, operation, "a position lies outside the table");
}

}  // namespace headroom::kernels
