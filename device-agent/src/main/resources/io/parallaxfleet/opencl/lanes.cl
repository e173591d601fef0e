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
