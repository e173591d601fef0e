package io.parallaxfleet.streambench;

import java.util.Arrays;
import org.apache.flink.table.functions.ScalarFunction;

/** What a sample counts as: 0 measured, 1 cold, 2 fallen back, 3 invalid. SQL has no index into bytes. */
public final class KindFunction extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    /** @param position of the branch from 1, as SQL counts; 0 for the whole inference */
    public int eval(boolean warmup, String validity, byte[] planned, byte[] actual, int position) {
        Clock.recordRead();
        if (warmup) {
            return 1;
        }
        boolean fellBack = "FALLBACK".equals(validity);
        boolean whole = position == 0;
        if (whole ? fellBack || !Arrays.equals(planned, actual) : planned[position - 1] != actual[position - 1]) {
            return 2;
        }
        return "VALID".equals(validity) || fellBack && !whole ? 0 : 3;
    }
}
