#pragma once

// The thread that kernels are written for: a CUDA thread where nvcc compiles them, a fiber of the emulator where a C++
// compiler does. Both have these members:
//
//   block(), thread()      place of the block in the grid (GridIndex) and of the thread in its block
//   blocks(), threads()    their numbers
//   lane(), warp()         thread() % 32, thread() / 32
//   shared<T>(offset)      the block's shared memory from byte `offset` on
//   sync(), sync_warp()    barriers of the block and of the warp
//   shuffle_xor(v, mask)   the value (float or int) of lane ^ mask
//   shuffle(v, lane)       the value of another lane
//   atomic_add(p, v)       *p += v in global or shared memory, fp32
//   atomic_add(p, v, w)    the same of p[0] and p[1], p aligned to both together
//   copy_async(to, from, valid)   16 bytes from global to shared memory, aligned to 16 both; zeros where not valid
//   copy_commit(), copy_wait<N>()   closes a group of copies; waits for all but the last N groups (of this thread)
//   load_matrices(r, row)         ldmatrix.x4: lane l gives the 16-byte row of matrix l / 8; matrix i lands in r[i]
//   load_matrices_transposed(r, row)
//   multiply_add(c, a, b)  tensor cores, c[16x8] += a[16x16] b[16x8], bf16 with fp32 sums (mma.sync.m16n8k16)
//
// Barriers, shuffles, load_matrices and multiply_add are taken by all 32 lanes of a warp together.

#if !defined(HEADROOM_EMULATED)
#include "device_thread.h"
#else
#include "emulated_thread.h"
#endif
