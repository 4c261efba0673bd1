#include <headroom/models/record.h>

#include "files.h"
#include "json_text.h"
#include "record_schema.h"

namespace headroom {
namespace {

constexpr int kIndent = 1;

void require(bool holds, const std::string& origin, std::string_view rule) {
  if (!holds) throw InputError(fmt::format("{}: {}", origin, rule));
}

void require_no_negative(const BytesByCategory& categories, const std::string& origin) {
  for (const auto& category : values_of<Category>()) {
    if (categories[category.value] >= Bytes(0)) continue;
    throw InputError(fmt::format("{}: allocated.categories.{} must be at least 0, not {}", origin, category.name,
                                 categories[category.value].count()));
  }
}

void require_possible(const DeviceMemory& memory, const std::string& origin) {
  const auto at_least_0 = [&](std::string_view key, Bytes bytes) {
    if (bytes >= Bytes()) return;
    throw InputError(fmt::format("{}: device_memory.{} must be at least 0, not {}", origin, key, bytes.count()));
  };
  at_least_0("free", memory.free);
  at_least_0("context", memory.context.value_or(Bytes()));
  at_least_0("pool_used", memory.pool_used);
  at_least_0("pool_reserved", memory.pool_reserved);
  at_least_0("peak", memory.peak);
  require(memory.free <= memory.total, origin, "device_memory.free must not exceed device_memory.total");
}

void validate(const Record& record, const std::string& origin) {
  require_no_negative(record.allocated.categories, origin);
  const Bytes sum = record.allocated.categories.total();
  if (sum != record.allocated.total) {
    throw InputError(fmt::format("{}: allocated.categories sum to {} bytes, but allocated.total says {}", origin,
                                 sum.count(), record.allocated.total.count()));
  }
  require(record.job.batch >= 1 && record.job.batch <= kMaxSize, origin, "job.batch must be between 1 and 2^40");
  require(record.job.seq.count() >= 1, origin, "job.seq must be given: a record is of a job that was run");
  require(record.threads >= 1, origin, "threads must be at least 1");
  if (record.device_memory) require_possible(*record.device_memory, origin);
}

}  // namespace

Read<Record> parse_record(std::string_view text, const std::string& origin) {
  Record record;
  read_object(parse_json_text(text, origin), Place{origin, {}}, record);
  validate(record, origin);
  return {std::move(record), {}};
}

Read<Record> read_record(const std::string& path) { return parse_record(read_text_file(path), path); }

std::string record_to_json(const Record& record) {
  return write_value(record).dump(kIndent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace headroom
