package io.parallaxfleet.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What has begun and ended in a run. Every method is called with the executor's lock held. Reused from run to run of the same
 * graph, so that a run allocates nothing.
 */
final class RunState {
    private final TaskGraph graph;
    private final Scheduling scheduling;
    private final int[] waitingFor;
    /** Tasks whose predecessors have ended and that have not begun, in no order; the first {@link #readyCount} places count. */
    private final int[] ready;
    private final boolean[] done;
    private final boolean[] runningTask;
    private int readyCount;
    private final ThreadPlaces places = new ThreadPlaces();
    private long budgetBytes;
    private TaskRunner runner;
    private RunRecord record;
    private int remaining;
    private int running;
    private boolean acceleratorTaken;
    private long runningBytes;
    private int failedTask;
    private Throwable failure;

    RunState(TaskGraph graph, Scheduling scheduling) {
        this.graph = graph;
        this.scheduling = scheduling;
        this.waitingFor = new int[graph.size()];
        this.ready = new int[graph.size()];
        this.done = new boolean[graph.size()];
        this.runningTask = new boolean[graph.size()];
    }

    void begin(int threads, long budget, TaskRunner taskRunner, RunRecord runRecord) {
        places.begin(threads);
        budgetBytes = budget;
        runner = taskRunner;
        record = runRecord;
        remaining = graph.size();
        running = 0;
        acceleratorTaken = false;
        runningBytes = 0;
        failedTask = -1;
        failure = null;
        readyCount = 0;
        System.arraycopy(graph.predecessorCounts(), 0, waitingFor, 0, waitingFor.length);
        Arrays.fill(done, false);
        Arrays.fill(runningTask, false);
        for (int task = 0; task < waitingFor.length; task++) {
            if (waitingFor[task] == 0) {
                ready[readyCount++] = task;
            }
        }
    }

    TaskGraph graph() {
        return graph;
    }

    TaskRunner runner() {
        return runner;
    }

    int failedTask() {
        return failedTask;
    }

    /** What the first task to fail threw; null when none did. */
    Throwable failure() {
        return failure;
    }

    boolean ended() {
        return running == 0 && (remaining == 0 || failure != null);
    }

    boolean startable() {
        return next() >= 0;
    }

    /** Whether a CPU thread that spins now takes nothing from a task: as many are free as {@code spinners} and one more. */
    boolean hasCoreToSpinOn(int spinners) {
        return !acceleratorTaken && spinners < places.free();
    }

    /**
     * Begins the task that should start now, or answers -1.
     *
     * @param worker who runs it; a task of any one thread is placed where its number says while that is free
     */
    int claim(int worker) {
        int task = next();
        if (task < 0) {
            return -1;
        }
        for (int place = 0; place < readyCount; place++) {
            if (ready[place] == task) {
                ready[place] = ready[--readyCount];
                break;
            }
        }
        runningTask[task] = true;
        running++;
        if (graph.task(task).resource() instanceof Task.Resource.Threads threads) {
            places.take(task, threads, worker);
        } else {
            acceleratorTaken = true;
        }
        runningBytes += graph.task(task).bytes();
        record.began(task);
        if (running > 1) {
            for (int other = 0; other < runningTask.length; other++) {
                if (runningTask[other]) {
                    record.ranBeside(other, running - 1);
                }
            }
        }
        return task;
    }

    /** Lowest place that a running task holds. Also without the lock, on the thread that runs it. */
    int placeOf(int task) {
        return places.lowestOf(task);
    }

    /** @param thrown what the task threw, or null */
    void end(int task, long startNanos, long endNanos, Throwable thrown) {
        record.ended(task, startNanos, endNanos);
        done[task] = true;
        runningTask[task] = false;
        running--;
        remaining--;
        if (graph.task(task).resource() instanceof Task.Resource.Threads) {
            places.giveBack(task);
        } else {
            acceleratorTaken = false;
        }
        runningBytes -= graph.task(task).bytes();
        for (int successor : graph.successors(task)) {
            if (--waitingFor[successor] == 0) {
                ready[readyCount++] = successor;
            }
        }
        if (thrown != null && failure == null) {
            failure = thrown;
            failedTask = task;
        }
    }

    /**
     * The task that should start now, or -1: of those that may, the one of highest priority, accelerator tasks before all since
     * their device works beside the CPU. Where the budget does not hold all that could start, only those of the set that
     * the {@link SubsetRule} chooses may.
     */
    private int next() {
        if (failure != null) {
            return -1;
        }
        int lowestOpenLayer = scheduling.layerBarrier() ? lowestOpenLayer() : Integer.MAX_VALUE;
        long left = budgetBytes - runningBytes;
        int best = -1;
        for (int place = 0; place < readyCount; place++) {
            int task = ready[place];
            if (!mayStart(task, lowestOpenLayer)) {
                continue;
            }
            left -= graph.task(task).bytes();
            if (left < 0) {
                return nextUnderABindingBudget(lowestOpenLayer);
            }
            best = before(task, best) ? task : best;
        }
        return best;
    }

    private int nextUnderABindingBudget(int lowestOpenLayer) {
        int accelerated = -1;
        int wide = -1;
        List<Integer> able = new ArrayList<>();
        for (int place = 0; place < readyCount; place++) {
            int task = ready[place];
            if (mayStart(task, lowestOpenLayer)) {
                if (!(graph.task(task).resource() instanceof Task.Resource.Threads threads)) {
                    accelerated = before(task, accelerated) ? task : accelerated;
                } else if (places.isAll(threads)) {
                    wide = before(task, wide) ? task : wide;
                } else {
                    able.add(task);
                }
            }
        }
        if (accelerated >= 0) {
            able.add(accelerated);
        }
        if (able.isEmpty()) {
            return wide >= 0 && (running == 0 || graph.task(wide).bytes() <= budgetBytes - runningBytes) ? wide : -1;
        }
        List<ConcurrentSet.Branch> branches = new ArrayList<>();
        able.forEach(task -> branches.add(new ConcurrentSet.Branch(graph.task(task).work(), graph.task(task).bytes(), threadsOf(task))));
        int best = -1;
        for (int position : scheduling.subset().choose(branches, places.free(), budgetBytes - runningBytes, running == 0)) {
            best = before(able.get(position), best) ? able.get(position) : best;
        }
        return best;
    }

    private int threadsOf(int task) {
        return graph.task(task).resource() instanceof Task.Resource.Threads threads ? places.countOf(threads) : 0;
    }

    private boolean onAccelerator(int task) {
        return graph.task(task).resource() instanceof Task.Resource.Accelerator;
    }

    private boolean before(int task, int other) {
        if (other < 0) {
            return true;
        }
        if (onAccelerator(task) != onAccelerator(other)) {
            return onAccelerator(task);
        }
        long ahead = graph.priority(task) - graph.priority(other);
        return ahead > 0 || ahead == 0 && task < other;
    }

    /** Whether everything but the budget lets a ready task start. */
    private boolean mayStart(int task, int lowestOpenLayer) {
        if (graph.task(task).layer() > lowestOpenLayer) {
            return false;
        }
        return graph.task(task).resource() instanceof Task.Resource.Threads threads ? places.areFree(threads) : !acceleratorTaken;
    }

    private int lowestOpenLayer() {
        int lowest = Integer.MAX_VALUE;
        for (int task = 0; task < done.length; task++) {
            if (!done[task]) {
                lowest = Math.min(lowest, graph.task(task).layer());
            }
        }
        return lowest;
    }
}
