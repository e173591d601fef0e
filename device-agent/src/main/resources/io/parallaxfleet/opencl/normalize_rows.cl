// y = (x - mean) / sqrt(variance + epsilon) * scale [+ bias]. With SKIP x is in + skip [+ skip bias] and is also written to
// `sum` where SUM is defined; with RMS neither mean is taken nor bias added.
__kernel void $K(__global const float* in, int in_off, __global float* out, int out_off,
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
