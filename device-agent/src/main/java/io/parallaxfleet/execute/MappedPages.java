package io.parallaxfleet.execute;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Takes pages of a mapped file out of this process ({@code madvise(2)}); who reads them gets them back from the page cache. Thread-safe. */
final class MappedPages {
    private static final int DONT_NEED = 4;
    /** A multiple of every page size in use. */
    private static final long ALIGNMENT = 64 << 10;

    private static final Optional<Function> ADVISE = find();

    private MappedPages() {}

    private static Optional<Function> find() {
        try {
            return Optional.of(NativeLibrary.getInstance("c").getFunction("madvise"));
        } catch (LinkageError e) {
            return Optional.empty();
        }
    }

    /** @param mapped a read-only view of a file, and nothing else: other memory would lose its content */
    static void drop(ByteBuffer mapped) {
        long address = Pointer.nativeValue(Native.getDirectBufferPointer(mapped));
        long from = (address + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        long to = (address + mapped.remaining()) / ALIGNMENT * ALIGNMENT;
        if (from < to) {
            ADVISE.ifPresent(advise -> advise.invokeInt(new Object[] {new Pointer(from), new NativeLong(to - from), DONT_NEED}));
        }
    }
}
