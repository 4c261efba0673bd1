#include "gathered_record.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>
#include <string_view>

#include <mpi.h>

#include "mpi_check.h"
#include "mpi_communicator.h"
#include "mpi_types.h"

namespace headroom::measure::mpi {
namespace {

std::string library_version() {
  std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text{};
  int length = 0;
  check(MPI_Get_library_version(text.data(), &length), "MPI_Get_library_version");
  const std::string version = text.data();
  return version.substr(0, version.find(','));
}

/// All texts, one behind the other, and where each begins; on rank 0.
struct Texts {
  std::vector<int> lengths;
  std::vector<int> firsts;
  std::string all;
};

Texts gather_texts(const std::string& own) {
  const int length = count_of(static_cast<std::int64_t>(own.size()));
  Texts texts;
  texts.lengths.resize(static_cast<std::size_t>(Session::ranks()));
  check(MPI_Gather(&length, 1, MPI_INT, texts.lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD), "MPI_Gather");
  texts.firsts.resize(texts.lengths.size());
  std::exclusive_scan(texts.lengths.begin(), texts.lengths.end(), texts.firsts.begin(), 0);
  texts.all.resize(static_cast<std::size_t>(texts.firsts.back()) + static_cast<std::size_t>(texts.lengths.back()));
  check(MPI_Gatherv(own.data(), length, MPI_CHAR, texts.all.data(), texts.lengths.data(), texts.firsts.data(), MPI_CHAR,
                    0, MPI_COMM_WORLD),
        "MPI_Gatherv");
  return texts;
}

}  // namespace

std::vector<Record> gather_records(const Record& own) {
  const Texts texts = gather_texts(record_to_json(own));
  std::vector<Record> records;
  if (Session::rank() != 0) return records;
  for (std::size_t rank = 0; rank < texts.lengths.size(); ++rank) {
    const std::string_view text(texts.all.data() + texts.firsts[rank], static_cast<std::size_t>(texts.lengths[rank]));
    records.push_back(parse_record(text, "rank " + std::to_string(rank)).value);
  }
  return records;
}

Record record_of_all(const std::vector<Record>& records) {
  const auto smaller = [](const Record& x, const Record& y) { return x.allocated.total < y.allocated.total; };
  Record record = *std::max_element(records.begin(), records.end(), smaller);
  record.backend = "mpi";
  record.software.insert(record.software.begin() + 1, {"MPI", library_version()});
  record.notes.emplace_back("buffers inside the MPI library are outside the tensors");
  if (records.size() == 1) return record;
  for (const Record& of_rank : records) {
    const auto rank = static_cast<std::int64_t>(record.ranks.size());
    record.ranks.push_back({rank, of_rank.allocated, of_rank.host, of_rank.witness, of_rank.sent});
  }
  return record;
}

}  // namespace headroom::measure::mpi
