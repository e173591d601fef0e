package io.parallaxfleet.schedule;

/**
 * Told which thread of a run works at which place, so that it can be bound to the core that the place stands for. A run of n threads
 * has the places 0 to n - 1, and no two tasks hold the same at once. Called on the thread in question.
 */
public interface ThreadPlacing {
    /** Threads run wherever the kernel puts them. */
    ThreadPlacing ANYWHERE = new ThreadPlacing() {
        @Override
        public void helperStarted(int worker) {}

        @Override
        public void takes(int worker, int place) {}
    };

    /** Place of a task that occupies no CPU thread. */
    int NO_PLACE = -1;

    /** @param worker number of the helper, from 1; the caller of a run is 0 */
    void helperStarted(int worker);

    /**
     * A task is about to start.
     *
     * @param place the lowest place that it holds; {@link #NO_PLACE} for a task of the accelerator
     */
    void takes(int worker, int place);
}
