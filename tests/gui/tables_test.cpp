#include <QAbstractItemModelTester>

#include "application.h"
#include "model/comparison.h"
#include "model/job_state.h"
#include "model/predictions_table.h"
#include "model/records.h"
#include "model/tensors_table.h"
#include "model/text.h"
#include "program.h"

using namespace headroom;
using namespace headroom::gui;
using namespace headroom::gui::test;

namespace {

QString cell(const QAbstractItemModel& model, int row, const QString& title) {
  for (int column = 0; column < model.columnCount(); ++column) {
    if (model.headerData(column, Qt::Horizontal).toString() == title) return model.index(row, column).data().toString();
  }
  FAIL("no column " << title.toStdString());
  return {};
}

QString bytes_of(const QJsonValue& value) { return bytes_text(Bytes(integer(value))); }
QString tokens_of(const QJsonValue& value) { return tokens_text(Tokens(integer(value))); }

Job first_job() { return first_document().job; }

}  // namespace

TEST_CASE("every table keeps the rules of item models, empty and filled") {
  TensorsTable tensors;
  PredictionsTable predictions;
  ComparisonTable comparison;
  RecordsTable records;
  CheckTable figures;
  for (QAbstractItemModel* model :
       std::initializer_list<QAbstractItemModel*>{&tensors, &predictions, &comparison, &records, &figures}) {
    new QAbstractItemModelTester(model, QAbstractItemModelTester::FailureReportingMode::Fatal, model);
  }
  const Job job = first_job();
  Job other = job;
  other.method = predict_methods(job).front().job.method;
  tensors.set_rows(tensors_of(job, Category::head_and_loss));
  predictions.set_rows(predict_methods(job));
  comparison.set_rows(compare_jobs(other, job).terms);
  const auto read = read_records({QStringLiteral(HEADROOM_RECORDS)}, [](double) { return true; });
  REQUIRE(read);
  REQUIRE_FALSE(read->checked.empty());
  records.set_rows(read->checked);
  figures.set_rows(checked_rows(read->checked.front().check));
  for (const QAbstractItemModel* model :
       std::initializer_list<const QAbstractItemModel*>{&tensors, &predictions, &comparison, &records, &figures}) {
    REQUIRE(model->rowCount() > 0);
    for (int row = 0; row < model->rowCount(); ++row) {
      for (int column = 0; column < model->columnCount(); ++column) {
        const QString text = model->index(row, column).data().toString();
        CHECK_FALSE(text.contains("nan", Qt::CaseInsensitive));
      }
    }
  }
  tensors.set_rows({});
  CHECK(tensors.rowCount() == 0);
}

TEST_CASE("the table of methods shows the figures of the command line's answers") {
  const Job job = first_job();
  PredictionsTable table;
  table.set_rows(predict_methods(job));
  for (int row = 0; row < table.rowCount(); ++row) {
    const Job& variant = table.row_at(row).job;
    const QJsonObject at_length = ask_about("breakdown", variant);
    const QJsonObject longest = ask_about("max-context", variant)["results"].toArray()[0].toObject();
    CHECK(cell(table, row, "Device memory") == bytes_of(at_length["breakdown"].toObject()["device_bytes"]));
    CHECK(cell(table, row, "Max context") == tokens_of(longest["max_context_tokens"]));
    CHECK(at_length["measured_status"].toString().startsWith(cell(table, row, "Status")));
    CHECK(cell(table, row, "At this length").startsWith("fits") == at_length["fits"].toBool());
  }
}

TEST_CASE("the table of tensors shows the tensors of headroom explain") {
  const Job job = first_job();
  const QJsonArray all = ask_about("explain", job)["tensors"].toArray();
  TensorsTable table;
  int seen = 0;
  for (const auto& named : values_of<Category>()) {
    table.set_rows(tensors_of(job, named.value));
    int row = 0;
    for (const QJsonValue value : all) {
      const QJsonObject tensor = value.toObject();
      if (tensor["category"].toString() != to_qt(named.name)) continue;
      CHECK(cell(table, row, "Tensor") == tensor["name"].toString());
      CHECK(cell(table, row, "Total") == bytes_of(tensor["total_bytes"]));
      CHECK(cell(table, row, "Each") == bytes_of(tensor["each_bytes"]));
      CHECK(cell(table, row, "Type") == tensor["dtype"].toString());
      CHECK(cell(table, row, "Formula") == tensor["formula"].toString());
      CHECK(cell(table, row, "Source") == tensor["source"].toString());
      ++row;
      ++seen;
    }
    CHECK(table.rowCount() == row);
  }
  CHECK(seen == all.size());
}

TEST_CASE("the terms of a comparison add up to both jobs' memory") {
  const Job job = first_job();
  for (const Job& other : jobs_by_method(job)) {
    const Comparison comparison = compare_jobs(other, job);
    Bytes first;
    Bytes second;
    for (const ComparedTerm& term : comparison.terms) {
      first += term.first;
      second += term.second;
    }
    CHECK(first == comparison.first.breakdown->device);
    CHECK(second == comparison.second.breakdown->device);
  }
}

TEST_CASE("a job compared with itself differs in nothing") {
  const Comparison comparison = compare_jobs(first_job(), first_job());
  CHECK(comparison.settings.empty());
  for (const ComparedTerm& term : comparison.terms) CHECK(term.difference() == Bytes());
}

TEST_CASE("records are those of headroom validate, and unreadable ones are said") {
  const Folder folder;
  const QString broken = folder.with("broken.json", "{}");
  const QString records = QStringLiteral(HEADROOM_RECORDS);
  const auto read = read_records({records, broken, folder.file("none.json")}, [](double) { return true; });
  REQUIRE(read);
  CHECK(read->errors.size() == 2);
  const QJsonArray validated = ask_program({"validate", records})["records"].toArray();
  REQUIRE(validated.size() == qsizetype(read->checked.size()));
  for (qsizetype i = 0; i < validated.size(); ++i) {
    const QJsonObject record = validated[i].toObject();
    const CheckedRecord& mine = read->checked[std::size_t(i)];
    CHECK(mine.path == record["record"].toString());
    const QJsonObject total = record["allocated"].toObject();
    CHECK(mine.check.total.measured.count() == integer(total["measured_bytes"]));
    CHECK(mine.check.total.predicted.count() == integer(total["predicted_bytes"]));
    CHECK(mine.check.agrees() == record["agrees"].toBool());
  }
}

TEST_CASE("reading records stops when nobody waits any more") {
  CHECK_FALSE(read_records({QStringLiteral(HEADROOM_RECORDS)}, [](double) { return false; }));
}
