package io.parallaxfleet.schedule;

/** A task threw; the run ended after the tasks then running had. */
public final class TaskFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int task;

    public TaskFailedException(int task, Throwable cause) {
        super("task " + task + " failed: " + cause.getMessage(), cause);
        this.task = task;
    }

    public int task() {
        return task;
    }
}
