// Lays planes out for convolution and pooling: a border of `fill`, and for strides the rows and columns sorted by their
// remainder, so that every tap of a kernel reads neighbours as neighbours. One work item writes `per` rows of the result.
// Result: [planes][phases_y][phases_x][height][pitch].
__kernel void $K(__global const float* in, int in_off, __global float* out, int out_off, int rows, int per, int height,
                    int pitch, int phases_x, int phases, int in_height, int in_width, int stride_y, int stride_x, int top,
                    int left, float fill) {
    int from = get_global_id(0) * per;
    int to = min(rows, from + per);
    for (int row = from; row < to; row++) {
        int line = row % height;
        int rest = row / height;
        int phase = rest % phases;
        int plane = rest / phases;
        int phase_y = phase / phases_x;
        int phase_x = phase - phase_y * phases_x;
        __global float* y = out + out_off + row * pitch;
        int source = line * stride_y + phase_y - top;
        if (source < 0 || source >= in_height) {
            for (int i = 0; i < pitch; i++) y[i] = fill;
            continue;
        }
        __global const float* x = in + in_off + (plane * in_height + source) * in_width;
        // Column i reads i * stride_x + shift.
        int shift = phase_x - left;
        int begin = shift >= 0 ? 0 : min(pitch, (-shift + stride_x - 1) / stride_x);
        int end = max(begin, min(pitch, (in_width - shift + stride_x - 1) / stride_x));
        int i = 0;
        for (; i < begin; i++) y[i] = fill;
        if (stride_x == 1) {
            for (; i + VEC <= end; i += VEC) VSTORE(VLOAD(x + shift + i), y + i);
            for (; i < end; i++) y[i] = x[shift + i];
        } else {
            if (stride_x == 2) {
                // One short of the end: the second load reaches one element past the last that is kept.
                for (; i + VEC < end; i += VEC) {
                    FV low = VLOAD(x + 2 * i + shift);
                    FV high = VLOAD(x + 2 * i + shift + VEC);
                    VSTORE((FV)(low.even, high.even), y + i);
                }
            }
            for (; i < end; i++) y[i] = x[i * stride_x + shift];
        }
        for (; i < pitch; i++) y[i] = fill;
    }
}
