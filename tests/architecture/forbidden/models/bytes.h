#pragma once
#include "../../sim/src/narrate.h"
