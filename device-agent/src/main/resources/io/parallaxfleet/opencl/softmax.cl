// Rows of n adjacent elements.
__kernel void $K(__global const float* in, int in_off, __global float* out, int out_off, int rows, int n, int per) {
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
