// Over an inner axis: n elements, `inner` apart. One work item takes up to VEC neighbours.
__kernel void $K(__global const float* in, int in_off, __global float* out, int out_off, int outer, int n,
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
