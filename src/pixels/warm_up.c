/* Copyright (c) 2026 the imgweigh authors
 * SPDX-License-Identifier: MIT */
#include "base/iw.h"
#include "pixels/inside.h"
void iw_pixels_warm_up(void)
{
}
