// START, JOIN(a, v) and FINISH(a, n) say what is reduced. Elements are `inner` apart: 1 for adjacent ones.
__kernel void $K(__global const float* in, int in_off, __global float* out, int out_off, int outer, int n, int inner,
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
