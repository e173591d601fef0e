// Cody-Waite reduction and a polynomial: 2 ulp, no branches, so a vector of any width stays in registers. Built-in exp is a
// library call on several CPU drivers. The ends of the range are clamped: results outside it would be 0 and infinity.
static $T exp_$T($T value) {
    $T x = fmin(fmax(value, ($T)(-87.0f)), ($T)(88.0f));
    $T n = rint(x * 1.44269504f);
    $T r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    $T p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * as_$T((convert_$I(n) + 127) << 23);
}

// erf by Abramowitz and Stegun 7.1.26 (absolute error 1.5e-7), and by its series near 0, where the relative error counts.
static $T erf_$T($T value) {
    $T x = fabs(value);
    $T t = 1.0f / (x * 0.3275911f + 1.0f);
    $T p = t * 1.061405429f - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    $T far = copysign(1.0f - p * t * exp_$T(-x * x), value);
    $T s = value * value;
    $T near = value * (1.12837917f + s * (-0.376126389f + s * (0.112837917f + s * (-0.0268661706f + s * 0.00522397762f))));
    return select(far, near, x < 0.4f);
}

// tanh through exp, and by its series near 0, where the difference would cancel.
static $T tanh_$T($T value) {
    $T far = 1.0f - 2.0f / (exp_$T(value + value) + 1.0f);
    $T s = value * value;
    $T near = value * (1.0f + s * (-0.333333333f + s * (0.133333333f + s * (-0.0539682540f + s * 0.0218694885f))));
    return select(far, near, fabs(value) < 0.3f);
}
