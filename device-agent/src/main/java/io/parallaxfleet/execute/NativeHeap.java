package io.parallaxfleet.execute;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import java.util.Optional;

/**
 * Gives back to the OS what the C library keeps of memory that was freed ({@code malloc_trim(3)}). Opening a session frees about as
 * much as it keeps, in pieces that the library holds on to. Thread-safe; takes milliseconds.
 */
public final class NativeHeap {
    private static final Optional<Function> TRIM = find();

    private NativeHeap() {}

    private static Optional<Function> find() {
        try {
            return Optional.of(NativeLibrary.getInstance("c").getFunction("malloc_trim"));
        } catch (LinkageError e) {
            // Not the GNU C library: others give back by themselves.
            return Optional.empty();
        }
    }

    /** Does nothing where the C library has no such call. */
    public static void trim() {
        TRIM.ifPresent(trim -> trim.invokeInt(new Object[] {new NativeLong(0)}));
    }
}
