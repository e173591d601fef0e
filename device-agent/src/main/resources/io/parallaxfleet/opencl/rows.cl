// Kernels whose work item walks whole rows, vector by vector. Tensors come as buffer and offset in floats. Every work item
// takes `per` rows, because a work-group costs a CPU device more than a short row does.

static float lanes_sum(FV v) {
    float lanes[VEC];
    VSTORE(v, lanes);
    float sum = 0.0f;
    for (int i = 0; i < VEC; i++) sum += lanes[i];
    return sum;
}

static float lanes_max(FV v) {
    float lanes[VEC];
    VSTORE(v, lanes);
    float best = lanes[0];
    for (int i = 1; i < VEC; i++) best = fmax(best, lanes[i]);
    return best;
}

#ifdef SOFTMAX
// Rows of n adjacent elements.
__kernel void softmax(__global const float* in, int in_off, __global float* out, int out_off, int rows, int n, int per) {
    int from = get_global_id(0) * per;
    int to = min(rows, from + per);
    for (int row = from; row < to; row++) {
        __global const float* x = in + in_off + row * n;
        __global float* y = out + out_off + row * n;
        FV top = (FV)(-INFINITY);
        int i = 0;
        for (; i + VEC <= n; i += VEC) top = fmax(top, VLOAD(x + i));
        float highest = lanes_max(top);
        for (; i < n; i++) highest = fmax(highest, x[i]);
        FV sums = (FV)(0.0f);
        for (i = 0; i + VEC <= n; i += VEC) {
            FV e = EXP(VLOAD(x + i) - highest);
            sums += e;
            VSTORE(e, y + i);
        }
        float sum = lanes_sum(sums);
        for (; i < n; i++) {
            float e = exp_float(x[i] - highest);
            sum += e;
            y[i] = e;
        }
        float scale = 1.0f / sum;
        for (i = 0; i + VEC <= n; i += VEC) VSTORE(VLOAD(y + i) * scale, y + i);
        for (; i < n; i++) y[i] *= scale;
    }
}

// Over an inner axis: n elements, `inner` apart. One work item takes up to VEC neighbours.
__kernel void softmax_strided(__global const float* in, int in_off, __global float* out, int out_off, int outer, int n,
                              int inner) {
    int column = get_global_id(0) * VEC;
    int row = get_global_id(1);
    if (column >= inner || row >= outer) return;
    __global const float* x = in + in_off + row * n * inner + column;
    __global float* y = out + out_off + row * n * inner + column;
    if (column + VEC <= inner) {
        FV highest = (FV)(-INFINITY);
        for (int i = 0; i < n; i++) highest = fmax(highest, VLOAD(x + i * inner));
        FV sum = (FV)(0.0f);
        for (int i = 0; i < n; i++) {
            FV e = EXP(VLOAD(x + i * inner) - highest);
            sum += e;
            VSTORE(e, y + i * inner);
        }
        sum = 1.0f / sum;
        for (int i = 0; i < n; i++) VSTORE(VLOAD(y + i * inner) * sum, y + i * inner);
        return;
    }
    for (int lane = 0; column + lane < inner; lane++) {
        float highest = -INFINITY;
        for (int i = 0; i < n; i++) highest = fmax(highest, x[i * inner + lane]);
        float sum = 0.0f;
        for (int i = 0; i < n; i++) {
            float e = exp_float(x[i * inner + lane] - highest);
            sum += e;
            y[i * inner + lane] = e;
        }
        for (int i = 0; i < n; i++) y[i * inner + lane] /= sum;
    }
}
#endif

#ifdef NORMALIZE
// y = (x - mean) / sqrt(variance + epsilon) * scale [+ bias]. With SKIP x is in + skip [+ skip bias] and is also written to
// `sum` where SUM is defined; with RMS neither mean is taken nor bias added.
__kernel void normalize_rows(__global const float* in, int in_off, __global float* out, int out_off,
                        __global const float* scale, int scale_off,
#ifdef BIAS
                        __global const float* bias, int bias_off,
#endif
#ifdef SKIP
                        __global const float* skip, int skip_off,
#endif
#ifdef SKIP_BIAS
                        __global const float* skip_bias, int skip_bias_off,
#endif
#ifdef SUM
                        __global float* sum, int sum_off,
#endif
                        int rows, int n, int skip_rows, float epsilon, int per) {
    int from = get_global_id(0) * per;
    int to = min(rows, from + per);
    scale += scale_off;
#ifdef BIAS
    bias += bias_off;
#endif
    for (int row = from; row < to; row++) {
        __global const float* x = in + in_off + row * n;
        __global float* y = out + out_off + row * n;
#ifdef SKIP
        __global const float* s = skip + skip_off + (row % skip_rows) * n;
        for (int i = 0; i < n; i++) {
            float v = x[i] + s[i];
#ifdef SKIP_BIAS
            v += skip_bias[skip_bias_off + i];
#endif
            y[i] = v;
#ifdef SUM
            sum[sum_off + row * n + i] = v;
#endif
        }
        x = y;
#endif
        int i = 0;
        float mean = 0.0f;
#ifndef RMS
        FV sums = (FV)(0.0f);
        for (i = 0; i + VEC <= n; i += VEC) sums += VLOAD(x + i);
        mean = lanes_sum(sums);
        for (; i < n; i++) mean += x[i];
        mean /= n;
#endif
        // Two passes: the squares of large values would cancel in one.
        FV squares = (FV)(0.0f);
        for (i = 0; i + VEC <= n; i += VEC) {
            FV d = VLOAD(x + i) - mean;
            squares += d * d;
        }
        float variance = lanes_sum(squares);
        for (; i < n; i++) variance += (x[i] - mean) * (x[i] - mean);
        float factor = 1.0f / sqrt(variance / n + epsilon);
        for (i = 0; i + VEC <= n; i += VEC) {
            FV v = (VLOAD(x + i) - mean) * factor * VLOAD(scale + i);
#ifdef BIAS
            v += VLOAD(bias + i);
#endif
            VSTORE(v, y + i);
        }
        for (; i < n; i++) {
            float v = (x[i] - mean) * factor * scale[i];
#ifdef BIAS
            v += bias[i];
#endif
            y[i] = v;
        }
    }
}
#endif

#ifdef REDUCE
// START, JOIN(a, v) and FINISH(a, n) say what is reduced. Elements are `inner` apart: 1 for adjacent ones.
__kernel void reduce(__global const float* in, int in_off, __global float* out, int out_off, int outer, int n, int inner,
                     int per) {
    int from = get_global_id(0) * per;
    int to = min(outer * inner, from + per);
    for (int row = from; row < to; row++) {
        int o = row / inner;
        __global const float* x = in + in_off + o * n * inner + (row - o * inner);
        float total = START;
        int i = 0;
        if (inner == 1) {
            FV a = (FV)(START);
            for (; i + VEC <= n; i += VEC) a = JOIN(a, VLOAD(x + i));
            total = LANES(a);
        }
        for (; i < n; i++) {
            float v = x[i * inner];
            total = JOIN(total, v);
        }
        out[out_off + row] = FINISH(total, n);
    }
}
#endif

#ifdef COPY
// Walks RANK loops, innermost first in n0; every tensor with strides of its own.
__kernel void copy(__global const float* in, int in_off, __global float* out, int out_off, int chunk, int per, int outer, int n0,
                   int in0, int out0
#if RANK > 1
                   , int n1, int in1, int out1
#endif
#if RANK > 2
                   , int n2, int in2, int out2
#endif
#if RANK > 3
                   , int n3, int in3, int out3
#endif
#if RANK > 4
                   , int n4, int in4, int out4
#endif
#if RANK > 5
                   , int n5, int in5, int out5
#endif
) {
    int begin = get_global_id(0) * chunk;
    int end = min(n0, begin + chunk);
    int first = get_global_id(1) * per;
    int last = min(outer, first + per);
    for (int row = first; row < last; row++) {
        __global const float* x = in + in_off;
        __global float* y = out + out_off;
        int rest = row;
#define DECODE(N, IN, OUT) { int at = rest % N; rest /= N; x += at * IN; y += at * OUT; }
#if RANK > 1
        DECODE(n1, in1, out1)
#endif
#if RANK > 2
        DECODE(n2, in2, out2)
#endif
#if RANK > 3
        DECODE(n3, in3, out3)
#endif
#if RANK > 4
        DECODE(n4, in4, out4)
#endif
#if RANK > 5
        DECODE(n5, in5, out5)
#endif
        int i = begin;
#ifdef UNIT
        for (; i + VEC <= end; i += VEC) VSTORE(VLOAD(x + i), y + i);
        for (; i < end; i++) y[i] = x[i];
#else
        for (; i < end; i++) y[i * out0] = x[i * in0];
#endif
    }
}
#endif

#ifdef FRAME
// Lays planes out for convolution and pooling: a border of `fill`, and for strides the rows and columns sorted by their
// remainder, so that every tap of a kernel reads neighbours as neighbours. One work item writes `per` rows of the result.
// Result: [planes][phases_y][phases_x][height][pitch].
__kernel void frame(__global const float* in, int in_off, __global float* out, int out_off, int rows, int per, int height,
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
            for (; i < end; i++) y[i] = x[i * stride_x + shift];
        }
        for (; i < pitch; i++) y[i] = fill;
    }
}
#endif
