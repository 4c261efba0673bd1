#include <headroom/measure/record.h>
