package io.parallaxfleet.execute;

import ai.onnxruntime.OrtEnvironment;

/**
 * One arena of ONNX Runtime's for all sessions that hold a lease of it, in place of one each: sessions that take turns, as the steps
 * of a split plan do, then use the same memory. It exists while a lease does; with the last one its memory goes back.
 *
 * <p>ONNX Runtime registers such an allocator with its environment by a function that its Java API leaves out ({@link OrtTable}).
 * Where that cannot be reached sessions keep an arena each.
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
}
