package io.parallaxfleet.execute;

import ai.onnxruntime.OrtEnvironment;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * One arena of ONNX Runtime's for all sessions that hold a lease of it, in place of one each: sessions that take turns, as the steps
 * of a split plan do, then use the same memory. It exists while a lease does; with the last one its memory goes back.
 *
 * <p>ONNX Runtime registers such an allocator with its environment by a function that its Java API leaves out. It is called through
 * the C API's table, to which later versions only append. Where that cannot be reached sessions keep an arena each.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://onnxruntime.ai/docs/get-started/with-c.html">Share allocator(s) between sessions</a>
 */
public final class SharedArena {
    private static final Object LOCK = new Object();
    /** Guarded by {@link #LOCK}. */
    private static int leases;

    private SharedArena() {}

    /** A session's part in it; close it after the session. */
    public sealed interface Lease extends AutoCloseable {
        @Override
        void close();
    }

    /** The session is to use the environment's allocators. */
    public static final class Shared implements Lease {
        private boolean closed;

        private Shared() {}

        @Override
        public void close() {
            synchronized (LOCK) {
                if (!closed) {
                    closed = true;
                    if (--leases == 0) {
                        OrtTable.ofThisProcess().unregisterArena();
                    }
                }
            }
        }
    }

    /**
     * The session has an arena of its own.
     *
     * @param why in words
     */
    public record OwnArena(String why) implements Lease {
        @Override
        public void close() {}
    }

    /** @param environment what sessions are opened in; it outlives the lease */
    public static Lease lease(OrtEnvironment environment) {
        synchronized (LOCK) {
            if (leases == 0) {
                try {
                    OrtTable.ofThisProcess().registerArena();
                } catch (IllegalStateException | LinkageError e) {
                    return new OwnArena(environment.getVersion() + ": " + e.getMessage());
                }
            }
            leases++;
            return new Shared();
        }
    }

    /** The few functions of ONNX Runtime's C API that are needed, by their places in its table. */
    private record OrtTable(Pointer functions) {
        private static final int API_VERSION = 12;
        private static final int GET_ERROR_MESSAGE = 2;
        private static final int CREATE_ENVIRONMENT = 3;
        private static final int CREATE_CPU_MEMORY_INFO = 69;
        private static final int RELEASE_ENVIRONMENT = 92;
        private static final int RELEASE_STATUS = 93;
        private static final int RELEASE_MEMORY_INFO = 94;
        private static final int CREATE_AND_REGISTER_ALLOCATOR = 144;
        private static final int CREATE_ARENA_CONFIGURATION = 156;
        private static final int RELEASE_ARENA_CONFIGURATION = 157;
        private static final int UNREGISTER_ALLOCATOR = 177;

        private static final int WARNING = 2;
        private static final int ARENA_ALLOCATOR = 1;
        private static final int DEFAULT_MEMORY = 0;
        private static final int DEFAULT = -1;
        /** Regions of the size asked for instead of twice the one before. */
        private static final int AS_REQUESTED = 1;

        /** @throws IllegalStateException where ONNX Runtime's library cannot be found */
        static OrtTable ofThisProcess() {
            try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
                String library = maps.filter(line -> line.endsWith("/libonnxruntime.so"))
                        .map(line -> line.substring(line.indexOf('/')))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("its library is not mapped by a name that is known"));
                Pointer base = NativeLibrary.getInstance(library).getFunction("OrtGetApiBase").invokePointer(new Object[0]);
                Pointer functions = Function.getFunction(base.getPointer(0)).invokePointer(new Object[] {API_VERSION});
                if (functions == null) {
                    throw new IllegalStateException("it does not offer version " + API_VERSION + " of its C API");
                }
                return new OrtTable(functions);
            } catch (IOException e) {
                throw new IllegalStateException("the libraries of this process are not known: " + e.getMessage(), e);
            }
        }

        void registerArena() {
            PointerByReference configuration = new PointerByReference();
            call(CREATE_ARENA_CONFIGURATION, new NativeLong(0), AS_REQUESTED, DEFAULT, DEFAULT, configuration);
            try {
                withEnvironment((environment, memory) ->
                        call(CREATE_AND_REGISTER_ALLOCATOR, environment, memory, configuration.getValue()));
            } finally {
                release(RELEASE_ARENA_CONFIGURATION, configuration);
            }
        }

        void unregisterArena() {
            withEnvironment((environment, memory) -> call(UNREGISTER_ALLOCATOR, environment, memory));
        }

        private interface OnEnvironment {
            void run(Pointer environment, Pointer memory);
        }

        private void withEnvironment(OnEnvironment action) {
            PointerByReference environment = new PointerByReference();
            PointerByReference memory = new PointerByReference();
            // There is one environment a process; this counts one more user of it.
            call(CREATE_ENVIRONMENT, WARNING, "parallax", environment);
            try {
                call(CREATE_CPU_MEMORY_INFO, ARENA_ALLOCATOR, DEFAULT_MEMORY, memory);
                try {
                    action.run(environment.getValue(), memory.getValue());
                } finally {
                    release(RELEASE_MEMORY_INFO, memory);
                }
            } finally {
                release(RELEASE_ENVIRONMENT, environment);
            }
        }

        private void call(int place, Object... arguments) {
            Pointer status = at(place).invokePointer(arguments);
            if (status != null) {
                String message = at(GET_ERROR_MESSAGE).invokePointer(new Object[] {status}).getString(0);
                at(RELEASE_STATUS).invokeVoid(new Object[] {status});
                throw new IllegalStateException(message);
            }
        }

        private void release(int place, PointerByReference object) {
            at(place).invokeVoid(new Object[] {object.getValue()});
        }

        private Function at(int place) {
            return Function.getFunction(functions.getPointer((long) place * Native.POINTER_SIZE));
        }
    }
}
