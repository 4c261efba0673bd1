#include <fstream>

#include "ask.h"
#include "catch.h"
#include "records.h"

using headroom::operator""_B;
using headroom::operator""_MiB;
using headroom::operator""_GiB;
using headroom::Category;
using headroom::Record;
using headroom::test::agreeing_record;
using headroom::test::agreeing_record_of_ranks;
using headroom::test::Answer;
using headroom::test::ask;
using headroom::test::ask_json;
using headroom::test::contains;
using headroom::test::Folder;
using headroom::test::lines_of;
using headroom::test::write;

namespace {

/// One byte of saved activations too many, counted in the total.
Record tampered_record() {
  Record record = agreeing_record("mst");
  record.allocated.categories[Category::saved_activations] += 1_B;
  record.allocated.total += 1_B;
  return record;
}

}  // namespace

TEST_CASE("Records that agree end validate with 0, and the last line counts them") {
  const Folder folder;
  const Answer answer = ask(
      {"validate", write(folder, "a.json", agreeing_record()), write(folder, "b.json", agreeing_record("vanilla"))});
  CHECK(answer.code == 0);
  CHECK(answer.err.empty());
  CHECK(lines_of(answer.out).back() == "2 records: 2 agree, 0 do not");
}

TEST_CASE("One byte in one category ends validate with 1 and names the method and the category") {
  const Folder folder;
  const std::string path = write(folder, "tampered.json", tampered_record());
  const Answer answer = ask({"validate", path});
  CHECK(answer.code == 1);
  CHECK_THAT(answer.out, contains("does not agree") && contains("mst") && contains("saved activations") &&
                             contains("+1") && contains("1 record: 0 agree, 1 do not"));
  CHECK_THAT(answer.out, !contains("optimizer state"));
  CHECK_THAT(ask({"validate", path, "--all"}).out, contains("optimizer state"));
}

TEST_CASE("A byte moved from one category to another is found though the total agrees") {
  const Folder folder;
  Record record = agreeing_record();
  record.allocated.categories[Category::parameters] += 1_B;
  record.allocated.categories[Category::head_and_loss] -= 1_B;
  const auto json = ask_json({"validate", write(folder, "moved.json", record)});
  const auto& checked = json["records"][0];
  CHECK(checked["agrees"] == false);
  CHECK(checked["allocated"]["agrees"] == true);
  CHECK(checked["categories"]["parameters"]["difference_bytes"] == 1);
  CHECK(checked["categories"]["head-and-loss"]["difference_bytes"] == -1);
  CHECK(json["disagreeing"] == 1);
}

TEST_CASE("A rank that sent other bytes or messages than predicted does not agree") {
  const Folder folder;
  const std::string path = folder.file("ranks.json");
  CHECK(ask({"validate", write(folder, "ranks.json", agreeing_record_of_ranks())}).code == 0);
  for (const headroom::MeasuredSent more : {headroom::MeasuredSent{1_B, 0}, headroom::MeasuredSent{0_B, 1}}) {
    Record record = agreeing_record_of_ranks();
    record.ranks.at(1).sent->bytes += more.bytes;
    record.ranks.at(1).sent->messages += more.messages;
    const Answer answer = ask({"validate", write(folder, "ranks.json", record)});
    CHECK(answer.code == 1);
    CHECK_THAT(answer.out, contains(more.messages > 0 ? "rank 1 messages" : "rank 1 sent") && contains("+1"));
    const auto json = ask_json({"validate", path})["records"][0]["ranks"];
    CHECK(json[0]["sent"]["agrees"] == true);
    CHECK(json[1]["sent"]["agrees"] == false);
  }
}

TEST_CASE("A folder stands for every .json below it, sorted") {
  const Folder folder;
  write(folder, "z.json", agreeing_record());
  write(folder, "deep/er/a.json", agreeing_record());
  std::ofstream(folder.file("readme.txt")) << "no record";
  const auto json = ask_json({"validate", folder.path().string()});
  REQUIRE(json["records"].size() == 2);
  CHECK(json["records"][0]["record"] == folder.file("deep/er/a.json"));
  CHECK(json["records"][1]["record"] == folder.file("z.json"));
}

TEST_CASE("A broken file is one sentence and exit code 2, and the others are still checked") {
  const Folder folder;
  std::ofstream(folder.file("broken.json")) << "{\"headroom\": \"record/9\"}";
  write(folder, "good.json", agreeing_record());
  write(folder, "tampered.json", tampered_record());
  const Answer answer = ask({"validate", folder.path().string()});
  CHECK(answer.code == 2);
  CHECK(lines_of(answer.err).size() == 1);
  CHECK_THAT(answer.err, contains("broken.json"));
  CHECK(lines_of(answer.out).back() == "2 records: 1 agree, 1 do not; 1 could not be checked");
}

TEST_CASE("No record at all is an input error") {
  const Folder folder;
  for (const std::string& place : {folder.path().string(), folder.file("missing.json")}) {
    const Answer answer = ask({"validate", place});
    CHECK(answer.code == 2);
    CHECK_THAT(answer.err, contains(place));
    CHECK(lines_of(answer.err).size() == 1);
  }
  const Answer nothing = ask({"validate"});
  CHECK(nothing.code == 2);
  CHECK_THAT(nothing.err, contains("records are missing"));
}

TEST_CASE("A record whose job cannot be predicted is an input error that names the file") {
  const Folder folder;
  Record record = agreeing_record();
  record.job.seq = headroom::Tokens(0);
  const Answer answer = ask({"validate", write(folder, "endless.json", record)});
  CHECK(answer.code == 2);
  CHECK_THAT(answer.err, contains("endless.json"));
}

TEST_CASE("CSV has a line for each figure") {
  const Folder folder;
  const auto lines = lines_of(ask({"validate", write(folder, "a.json", tampered_record()), "--format", "csv"}).out);
  CHECK_THAT(lines.front(), contains("record,method,seq_tokens,figure,measured_bytes,predicted_bytes"));
  CHECK_THAT(lines.back(), contains(",mst,1024,allocated,") && contains(",1,0,false"));
}

TEST_CASE("breakdown --against takes the record's job and prints measured beside predicted") {
  const Folder folder;
  const std::string path = write(folder, "tampered.json", tampered_record());
  const Answer answer = ask({"breakdown", "--against", path});
  CHECK(answer.code == 0);
  CHECK_THAT(answer.out, contains("gpt2 on one A100-80GB at 1,024 (1K) tokens with mst") && contains("measured") &&
                             contains("predicted") && contains("+1"));
  const auto json = ask_json({"breakdown", "--against", path});
  CHECK(json["against"]["categories"]["saved-activations"]["difference_bytes"] == 1);
  CHECK(json["notes"].empty());
}

TEST_CASE("Options beside --against override the record's job, and a note says so") {
  const Folder folder;
  const std::string path = write(folder, "a.json", agreeing_record());
  const Answer answer = ask({"breakdown", "--against", path, "--method", "vanilla", "--seq", "2K"});
  CHECK_THAT(answer.out, contains("2,048 (2K) tokens with vanilla"));
  CHECK_THAT(answer.err, contains("measured another job"));
  CHECK(ask({"breakdown", "--against", folder.file("missing.json")}).code == 2);
}

TEST_CASE("CUPTI's figure must equal the tensors to the byte, whatever the size") {
  const Folder folder;
  Record record = agreeing_record();
  record.witness = headroom::Witness{"CUPTI", record.allocated.total, 0_B};
  CHECK(ask({"validate", write(folder, "a.json", record)}).code == 0);
  record.witness->peak += 1_B;
  const auto json = ask_json({"validate", write(folder, "a.json", record)});
  CHECK(json["records"][0]["agrees"] == false);
  CHECK(json["records"][0]["witness"]["difference_bytes"] == 1);
  CHECK(json["records"][0]["witness"]["tolerance_bytes"] == 0);
}

TEST_CASE("What was taken of a calibrated device may differ by 64 MiB or 1 %; of another it is not checked") {
  const Folder folder;
  Record record = agreeing_record();
  const headroom::Device& device = record.job.device;
  const headroom::Bytes costs = device.context.bytes + device.workspace.bytes + device.allocator_slack.bytes;
  record.device_memory =
      headroom::DeviceMemory{80_GiB, 79_GiB, 400_MiB, 0_B, {}, 0_B, 0_B, record.allocated.total + costs + 65_MiB};
  const auto checked = [&] { return ask_json({"validate", write(folder, "a.json", record)})["records"][0]; };
  CHECK(checked()["device"].is_null());
  CHECK(checked()["agrees"] == true);
  record.job.device.context.certainty = record.job.device.allocator_slack.certainty = headroom::Certainty::measured;
  CHECK(checked()["device"]["difference_bytes"] == (65_MiB).count());
  CHECK(checked()["agrees"] == false);
  CHECK_THAT(ask({"validate", folder.file("a.json")}).out, contains("taken of the device"));
  record.device_memory->peak -= 1_MiB;
  CHECK(checked()["agrees"] == true);
}

TEST_CASE("hardware takes the figures of calibration records and saves the device") {
  const Folder folder;
  Record record = agreeing_record();
  record.workspace = 32_MiB;
  record.device_memory =
      headroom::DeviceMemory{80_GiB, 79_GiB, 400_MiB, 10_MiB, {}, 0_B, record.allocated.total + 30_MiB, 0_B};
  const std::string path = write(folder, "a.json", record);
  const Answer answer = ask({"hardware", "H200", "--calibrated-by", path, "--save-hardware", folder.file("h.json")});
  CHECK(answer.code == 0);
  CHECK_THAT(answer.out, contains("410.0 MiB MEASURED"));
  const headroom::Device device = headroom::read_device(folder.file("h.json")).value;
  CHECK(device.context.certainty == headroom::Certainty::measured);
  CHECK(device.allocator_slack.bytes == 30_MiB);
  CHECK_THAT(ask({"hardware", "--calibrated-by", path}).err, contains("need the device's name"));
  CHECK(ask({"hardware", "H200", "--calibrated-by", folder.file("missing.json")}).code == 2);
}
