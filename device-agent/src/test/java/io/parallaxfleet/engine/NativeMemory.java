package io.parallaxfleet.engine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Structure;
import io.parallaxfleet.execute.NativeHeap;
import io.parallaxfleet.host.OwnMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What this process holds outside the Java heap, by the C library's books and by the kernel's. Sessions, arenas and direct buffers are
 * in the first to the byte.
 *
 * @param allocatedBytes what was asked of the C library and not given back, {@code mallinfo2(3)}; 0 where it does not count
 * @param residentBytes anonymous resident memory of the process, the Java heap with it
 * @param mappings mapped ranges of the address space
 * @param openFiles file descriptors
 */
record NativeMemory(long allocatedBytes, long residentBytes, long mappings, long openFiles) {
    private static final long LET_CLEANERS_RUN_MILLIS = 30;

    /** {@code struct mallinfo2} of the GNU C library, since 2.33. */
    @Structure.FieldOrder({"arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"})
    public static final class MallInfo extends Structure implements Structure.ByValue {
        public NativeLong arena;
        public NativeLong ordblks;
        public NativeLong smblks;
        public NativeLong hblks;
        public NativeLong hblkhd;
        public NativeLong usmblks;
        public NativeLong fsmblks;
        public NativeLong uordblks;
        public NativeLong fordblks;
        public NativeLong keepcost;
    }

    /** After a collection, since direct buffers and mapped files are given back when their owners are collected. */
    static NativeMemory now() {
        System.gc();
        pause();
        NativeHeap.trim();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd")); Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
            return new NativeMemory(allocated(), OwnMemory.anonymousBytes(), mappings.count(), files.count());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LET_CLEANERS_RUN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static long allocated() {
        Function mallinfo;
        try {
            mallinfo = NativeLibrary.getInstance("c").getFunction("mallinfo2");
        } catch (LinkageError e) {
            return 0;
        }
        MallInfo info = (MallInfo) mallinfo.invoke(MallInfo.class, new Object[0]);
        return info.uordblks.longValue() + info.hblkhd.longValue();
    }
}
