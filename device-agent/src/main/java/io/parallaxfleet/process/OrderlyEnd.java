package io.parallaxfleet.process;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/**
 * Ends a verb when the process is told to, without the JVM's shutdown sequence: that starts all hooks at once, and ONNX Runtime's
 * own hook closes its environment under an inference that is still in native code, which takes the process down with a bus error.
 * Here a signal asks the verb to stop; it ends as if its work were done, and only then does the JVM shut down.
 *
 * <p>A verb that has not ended after its grace, and one that is told twice, is halted: no hook runs. Thread-safe.
 */
public final class OrderlyEnd implements AutoCloseable {
    /** A supervisor's, a terminal's, a lost session's. */
    private static final String[] SIGNALS = {"TERM", "INT", "HUP"};
    /** What a shell reports for a process that a signal ended is this and the signal's number. */
    private static final int SIGNALLED = 128;

    private final Runnable stop;
    private final Duration grace;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Map<Signal, SignalHandler> earlier = new HashMap<>();

    private OrderlyEnd(Runnable stop, Duration grace) {
        this.stop = stop;
        this.grace = grace;
    }

    /**
     * Takes over the signals until closed. A signal that the process ignores ({@code nohup}) stays ignored, and where the JVM
     * leaves signals to the system ({@code -Xrs}) they do what they do there.
     *
     * @param stop asks the verb to end and returns at once; called at most once, on a thread of its own
     * @param grace time the verb has to end
     */
    public static OrderlyEnd onSignals(Runnable stop, Duration grace) {
        OrderlyEnd end = new OrderlyEnd(stop, grace);
        for (String name : SIGNALS) {
            end.takeOver(name);
        }
        return end;
    }

    private void takeOver(String name) {
        try {
            Signal signal = new Signal(name);
            SignalHandler before = Signal.handle(signal, received -> begin(SIGNALLED + received.getNumber()));
            if (before == SignalHandler.SIG_IGN) {
                Signal.handle(signal, before);
            } else {
                earlier.put(signal, before);
            }
        } catch (IllegalArgumentException notOurs) {
            // Unknown to this platform, or kept by -Xrs.
        }
    }

    /**
     * Asks the verb to stop; the second time halts the process.
     *
     * @param exitCode of the process when it has to be halted
     */
    public void begin(int exitCode) {
        if (!begun.compareAndSet(false, true)) {
            Runtime.getRuntime().halt(exitCode);
        }
        Thread watchdog = new Thread(() -> haltAfterGrace(exitCode), "halt-after-grace");
        watchdog.setDaemon(true);
        watchdog.start();
        stop.run();
    }

    /** Gives the signals back. */
    @Override
    public void close() {
        earlier.forEach(Signal::handle);
    }

    private void haltAfterGrace(int exitCode) {
        try {
            Thread.sleep(grace.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        System.err.println("not ended " + grace.toSeconds() + " s after it was asked to; halted");
        Runtime.getRuntime().halt(exitCode);
    }
}
