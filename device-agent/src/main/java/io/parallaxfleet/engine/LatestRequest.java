package io.parallaxfleet.engine;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * Does one thing at a time on a thread of its own, always the one asked for last: what was asked before and has not begun is
 * forgotten. Thread-safe.
 */
final class LatestRequest<T> implements AutoCloseable {
    private final Consumer<T> work;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Null when nothing is asked for. Guarded by {@link #lock}. */
    private T asked;
    private boolean working;
    private boolean closed;

    /** @param work must not throw */
    LatestRequest(String threadName, Consumer<T> work) {
        this.work = work;
        Thread thread = new Thread(this::serve, threadName);
        thread.setDaemon(true);
        thread.start();
    }

    void ask(T request) {
        lock.lock();
        try {
            asked = request;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nothing is asked for and nothing is being done. */
    void await() throws InterruptedException {
        lock.lock();
        try {
            while (!closed && (asked != null || working)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    private void serve() {
        for (T next = take(); next != null; next = take()) {
            work.accept(next);
        }
    }

    /** The next request; null when closed. */
    private T take() {
        lock.lock();
        try {
            working = false;
            changed.signalAll();
            while (!closed && asked == null) {
                changed.awaitUninterruptibly();
            }
            T next = closed ? null : asked;
            asked = null;
            working = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** Begins nothing more; what is being done goes on to its end. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
