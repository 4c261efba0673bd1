#include <headroom/sim/predict.h>
