// libFuzzer: any bytes as a record.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <headroom/models/record.h>
#include <headroom/sim/check.h>

#include "every_question.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  headroom::Record record;
  if (!headroom::test::answered([&] { record = headroom::parse_record(text, "record.json").value; })) return 0;
  headroom::test::require(headroom::parse_record(headroom::record_to_json(record), "saved.json").value == record,
                          "saving changes the record");
  static_cast<void>(headroom::test::answered([&] { static_cast<void>(headroom::sim::check(record)); }));
  return 0;
}
