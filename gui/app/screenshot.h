#pragma once

#include "app/arguments.h"
#include "app/main_window.h"

namespace headroom::gui {

/// Shows the job and the tab that the arguments name, waits until everything is computed, and writes the window to a
/// file. Throws InputError.
void take_screenshot(MainWindow& window, const Arguments& arguments);

}  // namespace headroom::gui
