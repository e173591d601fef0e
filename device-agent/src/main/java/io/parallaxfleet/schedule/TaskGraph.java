package io.parallaxfleet.schedule;

import java.util.List;

/**
 * The tasks of a plan with what scheduling them asks for again and again, worked out once. Immutable.
 *
 * <p>The priority of a task is the work on the heaviest chain that it starts (its bottom level): work(t) + max priority(s) over
 * its successors s. Taking the ready task of highest priority first is the classic list schedule, at most twice the optimum.
 */
public final class TaskGraph {
    private final Task[] tasks;
    private final int[][] successors;
    private final int[] predecessorCounts;
    private final long[] priority;

    /**
     * @param tasks each with predecessors that come before it in the list
     * @throws IllegalArgumentException when a task waits for itself or for one behind it
     */
    public TaskGraph(List<Task> tasks) {
        this.tasks = tasks.toArray(Task[]::new);
        this.successors = successors(this.tasks);
        this.predecessorCounts = tasks.stream().mapToInt(task -> task.predecessors().size()).toArray();
        this.priority = new long[this.tasks.length];
        for (int task = this.tasks.length - 1; task >= 0; task--) {
            long heaviest = 0;
            for (int successor : successors[task]) {
                heaviest = Math.max(heaviest, priority[successor]);
            }
            priority[task] = this.tasks[task].work() + heaviest;
        }
    }

    private static int[][] successors(Task[] tasks) {
        int[] counts = new int[tasks.length];
        for (int task = 0; task < tasks.length; task++) {
            for (int predecessor : tasks[task].predecessors()) {
                if (predecessor < 0 || predecessor >= task) {
                    throw new IllegalArgumentException("task " + task + " waits for task " + predecessor + "; only tasks before it can end"
                            + " before it");
                }
                counts[predecessor]++;
            }
        }
        int[][] successors = new int[tasks.length][];
        for (int task = 0; task < tasks.length; task++) {
            successors[task] = new int[counts[task]];
        }
        for (int task = tasks.length - 1; task >= 0; task--) {
            for (int predecessor : tasks[task].predecessors()) {
                successors[predecessor][--counts[predecessor]] = task;
            }
        }
        return successors;
    }

    public int size() {
        return tasks.length;
    }

    public Task task(int index) {
        return tasks[index];
    }

    /** Tasks that wait for this one, ascending. Not a copy: a run reads it for every task that ends. */
    int[] successors(int task) {
        return successors[task];
    }

    /** What each task waits for, by number; in one piece, since every run begins with all of it. Not a copy. */
    int[] predecessorCounts() {
        return predecessorCounts;
    }

    long priority(int task) {
        return priority[task];
    }
}
