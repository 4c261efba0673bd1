#include "model/colours.h"

#include <array>

namespace headroom::gui {
namespace {

constexpr QRgb kOrange = 0xffe69f00;
constexpr QRgb kSkyBlue = 0xff56b4e9;
constexpr QRgb kGreen = 0xff009e73;
constexpr QRgb kYellow = 0xfff0e442;
constexpr QRgb kBlue = 0xff2f7fc1;
constexpr QRgb kVermilion = 0xffd55e00;
constexpr QRgb kPurple = 0xffcc79a7;
constexpr QRgb kWine = 0xff882255;

constexpr std::array kSeries{kVermilion, kOrange, kSkyBlue, kGreen, kPurple, kBlue};
constexpr std::array kDashes{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};

}  // namespace

QColor category_colour(Category category) {
  switch (category) {
    case Category::parameters: return kBlue;
    case Category::gradients: return kSkyBlue;
    case Category::optimizer_state: return kGreen;
    case Category::kv_cache: return kWine;
    case Category::saved_activations: return kYellow;
    case Category::attention: return kVermilion;
    case Category::feed_forward: return kOrange;
    case Category::head_and_loss: return kPurple;
    case Category::communication: return 0xff8c6d31;
    case Category::workspace: return 0xffa6a6a6;
    case Category::context: return 0xff7f7f7f;
    case Category::allocator_slack: return 0xffc7c7c7;
  }
  return kBlue;
}

QColor series_colour(std::size_t n) { return kSeries[n % kSeries.size()]; }

QColor bar_colour(std::size_t n) {
  constexpr int kDarker = 170;
  return n / kSeries.size() % 2 == 0 ? series_colour(n) : series_colour(n).darker(kDarker);
}

Qt::PenStyle series_dash(std::size_t n) { return kDashes[n / kSeries.size() % kDashes.size()]; }

QColor faint(QColor colour) {
  constexpr float kAlpha = 0.35F;
  colour.setAlphaF(kAlpha);
  return colour;
}

QColor sign_colour() { return 0xff7f7f7f; }

QColor limit_colour() { return 0xffd1242f; }

}  // namespace headroom::gui
