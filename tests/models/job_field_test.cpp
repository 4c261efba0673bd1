#include <set>

#include <headroom/models/error.h>
#include <headroom/models/job_field.h>
#include <headroom/models/presets.h>

#include "catch.h"

using namespace headroom;

namespace {

/// Texts that the field takes, one for each of its values.
std::vector<std::string> texts_of(const JobField& field) {
  std::vector<std::string> texts;
  for (const FieldValue& value : field.values) {
    const bool is_every = field.kind == FieldKind::recompute && value.name == "every";
    texts.push_back(is_every ? "every:3" : std::string(value.name));
  }
  if (field.kind == FieldKind::chunk || field.kind == FieldKind::count) texts.emplace_back("384");
  if (field.kind == FieldKind::toggle) texts = {"true", "false"};
  if (field.kind == FieldKind::bytes) texts = {"1024", "none"};
  return texts;
}

}  // namespace

TEST_CASE("a field shows what it was set to") {
  for (const JobField& field : job_fields()) {
    const auto texts = texts_of(field);
    CHECK_FALSE(texts.empty());
    for (const std::string& text : texts) {
      Job job;
      field.set(job, text, field.title);
      CHECK(field.show(job) == text);
    }
  }
}

TEST_CASE("a field changes only what it shows") {
  for (const JobField& field : job_fields()) {
    for (const std::string& text : texts_of(field)) {
      Job job;
      field.set(job, text, field.title);
      for (const JobField& other : job_fields()) {
        if (other.name != field.name) CHECK(other.show(job) == other.show(Job()));
      }
    }
  }
}

TEST_CASE("what a field does not take is refused by the name it is asked under") {
  for (const JobField& field : job_fields()) {
    Job job;
    CHECK_THROWS_WITH(field.set(job, "nonsense", "the entry"), headroom::test::contains("the entry"));
    CHECK(job == Job());
  }
}

TEST_CASE("fields have names of their own, titles and descriptions") {
  std::set<std::string> names;
  for (const JobField& field : job_fields()) {
    CHECK(names.insert(field.name).second);
    CHECK_FALSE(field.title.empty());
    CHECK_FALSE(field.description.empty());
    CHECK(&job_field(field.name) == &field);
  }
}
