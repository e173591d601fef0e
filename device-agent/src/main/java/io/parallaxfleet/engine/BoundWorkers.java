package io.parallaxfleet.engine;

import io.parallaxfleet.cores.ThreadAffinity;
import io.parallaxfleet.schedule.ThreadPlacing;
import java.util.Arrays;

/**
 * Keeps the threads of a run on the cores of the places where they work: whoever starts a step goes to the first core of that step,
 * beside its pool and not onto it. A thread stays on its core until it starts something elsewhere. Allocates nothing.
 */
final class BoundWorkers implements ThreadPlacing {
    private static final int CALLER = 0;
    /** The thread was not bound yet. */
    private static final int FREE = -2;

    private final CoreAssignment cores;
    /** By worker; each entry is read and written by that worker's thread. */
    private final int[] places;
    /** Where the caller of the run in progress could run before it. */
    private final long[] before = ThreadAffinity.newMask();

    /** @param threads of the run; a helper beyond them, which is there for the accelerator, stays free until it starts something */
    BoundWorkers(CoreAssignment cores, int threads) {
        this.cores = cores;
        this.places = new int[threads + 1];
        Arrays.fill(places, FREE);
    }

    @Override
    public void helperStarted(int worker) {
        if (worker < places.length - 1) {
            takes(worker, worker);
        }
    }

    @Override
    public void takes(int worker, int place) {
        if (places[worker] != place) {
            cores.bind(place);
            places[worker] = place;
        }
    }

    /** The calling thread is bound from here on. */
    void callerComes() {
        cores.rememberInto(before);
        places[CALLER] = cores.isBoundTo(before, 0) ? 0 : FREE;
        takes(CALLER, 0);
    }

    /** The calling thread has its cores back. */
    void callerLeaves() {
        if (!cores.isBoundTo(before, places[CALLER])) {
            cores.giveBack(before);
        }
    }
}
