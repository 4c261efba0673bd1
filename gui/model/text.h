#pragma once

#include <QObject>
#include <QString>

#include <string>
#include <string_view>

#include <headroom/models/format.h>
#include <headroom/models/job.h>
#include <headroom/models/memory.h>

/// Texts of the core, as Qt holds them. Every number comes from headroom's one formatter.
namespace headroom::gui {

[[nodiscard]] inline QString to_qt(std::string_view text) {
  return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

[[nodiscard]] inline std::string to_utf8(const QString& text) { return text.toStdString(); }

[[nodiscard]] inline QString bytes_text(Bytes bytes) { return to_qt(format_bytes(bytes)); }
/// "59.83 GiB (64,243,040,256 bytes)"; once where both are the same.
[[nodiscard]] QString bytes_text_exact(Bytes bytes);
/// "+1.20 GiB", "-3 B"
[[nodiscard]] QString signed_bytes_text(Bytes bytes);
/// "34,816 (34K)"
[[nodiscard]] inline QString tokens_text(Tokens tokens) { return to_qt(format_tokens(tokens)); }
[[nodiscard]] QString category_text(Category category);

/// A name from a file as plain text: control characters and long tails are cut.
[[nodiscard]] QString name_text(std::string_view name);
/// "llama-3-8b on one A100-80GB" or "llama-3-8b within 40.00 GiB"
[[nodiscard]] QString subject_text(const Job& job);
/// "flash", or "flash, edited" where axes differ from the preset's
[[nodiscard]] QString method_text(const Method& method);
/// Broken behind the '-' or at the space nearest to the middle; as it is where there is none.
[[nodiscard]] QString on_two_lines(const QString& text);
/// "first", "First"
[[nodiscard]] QString capitalised(QString text);

}  // namespace headroom::gui
