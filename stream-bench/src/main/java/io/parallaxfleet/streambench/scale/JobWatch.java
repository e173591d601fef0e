package io.parallaxfleet.streambench.scale;

import io.parallaxfleet.streambench.process.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/** Asks the job what it stands at, and once a second how long its last look at all devices took. Thread-safe. */
final class JobWatch implements AutoCloseable {
    private static final long LOOK_MILLIS = 1_000;

    private final Worker job;
    private final AtomicBoolean ending = new AtomicBoolean();
    private final Thread thread = new Thread(this::watch, "job-watch");
    private double longestLookMillis;
    private double longestStepMillis;

    JobWatch(Worker job) {
        this.job = job;
        thread.setDaemon(true);
        thread.start();
    }

    private void watch() {
        try {
            while (!ending.get()) {
                look();
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (IOException e) {
            // Whoever asks next is told why.
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void look() throws IOException {
        longestLookMillis = Math.max(longestLookMillis, number("max lookMillis"));
        longestStepMillis = Math.max(longestStepMillis, number("max lookStepMillis"));
    }

    /** The longest time of any task for which a look held up records. */
    synchronized double longestStepMillis() {
        return longestStepMillis;
    }

    /** The longest of any task so far, pauses included. */
    synchronized double longestLookMillis() {
        return longestLookMillis;
    }

    synchronized double number(String question) throws IOException {
        return Double.parseDouble(job.ask(question)[0]);
    }

    synchronized Path savepoint(String format, Path into) throws IOException {
        return Path.of(job.ask("savepoint " + format + " " + into)[0]);
    }

    @Override
    public void close() throws InterruptedException {
        ending.set(true);
        thread.join();
    }
}
