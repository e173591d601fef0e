package io.parallaxfleet.schedule;

/** Does the work of a task. Called from the executor's threads, never twice at once for the same task. */
@FunctionalInterface
public interface TaskRunner {
    /** Runs task {@code index}; what it throws ends the run. */
    void run(int index) throws Exception;
}
