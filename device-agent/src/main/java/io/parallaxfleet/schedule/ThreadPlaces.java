package io.parallaxfleet.schedule;

import java.util.Arrays;

/**
 * Which tasks hold the CPU threads of a run. Called with the executor's lock held, but for {@link #lowestOf}. Reused from run to run,
 * so that a run allocates nothing.
 */
final class ThreadPlaces {
    private static final int FREE = -1;

    /** The task that holds each place, or {@link #FREE}. */
    private int[] holder = {};
    private int free;

    /** @param threads of the run that begins */
    void begin(int threads) {
        if (holder.length != threads) {
            holder = new int[threads];
        }
        Arrays.fill(holder, FREE);
        free = threads;
    }

    int free() {
        return free;
    }

    /** Whether a task wants more than one thread and would leave none. */
    boolean isAll(Task.Resource.Threads wanted) {
        return wanted.count() > 1 && countOf(wanted) == holder.length;
    }

    /** What a task gets: one that wants more threads than the run has takes all. */
    int countOf(Task.Resource.Threads wanted) {
        return Math.min(wanted.count(), holder.length);
    }

    private int firstOf(Task.Resource.Threads wanted) {
        return Math.min(wanted.first().getAsInt(), holder.length - countOf(wanted));
    }

    boolean areFree(Task.Resource.Threads wanted) {
        int count = countOf(wanted);
        if (count > free) {
            return false;
        }
        if (wanted.first().isPresent()) {
            int first = firstOf(wanted);
            for (int place = first; place < first + count; place++) {
                if (holder[place] != FREE) {
                    return false;
                }
            }
        }
        return true;
    }

    /** @param preferred where a task of any one thread goes while that place is free */
    void take(int task, Task.Resource.Threads wanted, int preferred) {
        int count = countOf(wanted);
        free -= count;
        if (wanted.first().isPresent()) {
            int first = firstOf(wanted);
            Arrays.fill(holder, first, first + count, task);
        } else if (count == 1 && preferred < holder.length && holder[preferred] == FREE) {
            holder[preferred] = task;
        } else {
            for (int place = 0; count > 0; place++) {
                if (holder[place] == FREE) {
                    holder[place] = task;
                    count--;
                }
            }
        }
    }

    void giveBack(int task) {
        for (int place = 0; place < holder.length; place++) {
            if (holder[place] == task) {
                holder[place] = FREE;
                free++;
            }
        }
    }

    /** Of the places of a running task; {@link ThreadPlacing#NO_PLACE} where it has none. Also without the lock, on the thread that runs it. */
    int lowestOf(int task) {
        for (int place = 0; place < holder.length; place++) {
            if (holder[place] == task) {
                return place;
            }
        }
        return ThreadPlacing.NO_PLACE;
    }
}
