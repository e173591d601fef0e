// Walks RANK loops, innermost first in n0; every tensor with strides of its own.
__kernel void $K(__global const float* in, int in_off, __global float* out, int out_off, int chunk, int per, int outer, int n0,
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
#undef DECODE
