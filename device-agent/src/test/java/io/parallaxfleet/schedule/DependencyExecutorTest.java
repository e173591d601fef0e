package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class DependencyExecutorTest {
    private static final long NO_LIMIT = Long.MAX_VALUE;
    private static final Task.Resource ONE_THREAD = Task.Resource.threads(1);
    /** More than any run here has: it takes what there is. */
    private static final Task.Resource ALL_THREADS = Task.Resource.threads(64);
    private static final List<Task.Resource> RESOURCES = List.of(
            ONE_THREAD, Task.Resource.threads(2), Task.Resource.threads(3), ALL_THREADS, Task.Resource.ACCELERATOR,
            new Task.Resource.Threads(2, OptionalInt.of(1)), new Task.Resource.Threads(2, OptionalInt.of(2)));

    private static Task task(int layer, Task.Resource resource, long bytes, Integer... predecessors) {
        return new Task(List.of(predecessors), layer, resource, bytes, 1);
    }

    @Test
    @DisplayName("every task of a random graph runs once, after all it depends on")
    void respectsDependencies() {
        SplittableRandom random = new SplittableRandom(7);
        try (DependencyExecutor executor = new DependencyExecutor(3, Scheduling.defaults())) {
            for (int round = 0; round < 200; round++) {
                List<Task> tasks = randomTasks(random);
                List<Integer> order = Collections.synchronizedList(new ArrayList<>());
                executor.run(new TaskGraph(tasks), 3, 100, order::add, new RunRecord(tasks.size()));
                assertEquals(IntStream.range(0, tasks.size()).boxed().toList(), order.stream().sorted().toList());
                for (int task = 0; task < tasks.size(); task++) {
                    for (int predecessor : tasks.get(task).predecessors()) {
                        assertTrue(order.indexOf(predecessor) < order.indexOf(task), "task " + task + " ran before " + predecessor);
                    }
                }
            }
        }
    }

    private static List<Task> randomTasks(SplittableRandom random) {
        List<Task> tasks = new ArrayList<>();
        int count = 1 + random.nextInt(20);
        for (int i = 0; i < count; i++) {
            List<Integer> predecessors = new ArrayList<>();
            int layer = 0;
            for (int before = 0; before < i; before++) {
                if (random.nextInt(4) == 0) {
                    predecessors.add(before);
                    layer = Math.max(layer, tasks.get(before).layer() + 1);
                }
            }
            tasks.add(new Task(predecessors, layer, RESOURCES.get(random.nextInt(RESOURCES.size())), random.nextLong(80),
                    random.nextLong(9)));
        }
        return tasks;
    }

    @Test
    @DisplayName("independent tasks of one thread run side by side")
    void runsSideBySide() {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Task> tasks = List.of(task(0, ONE_THREAD, 1), task(0, ONE_THREAD, 1));
        RunRecord record = new RunRecord(2);
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            // Each waits for the other: the run only ends if both are running at once.
            executor.run(new TaskGraph(tasks), 2, NO_LIMIT, task -> both.await(30, TimeUnit.SECONDS), record);
        }
        assertEquals(1, record.coRunning(0));
        assertEquals(1, record.coRunning(1));
    }

    @Test
    @DisplayName("the accelerator works beside a task that takes all threads")
    void acceleratorRunsBesideTheCpu() {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Task> tasks = List.of(task(0, ALL_THREADS, 1), task(0, Task.Resource.ACCELERATOR, 1));
        try (DependencyExecutor executor = new DependencyExecutor(1, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 1, NO_LIMIT, task -> both.await(30, TimeUnit.SECONDS), new RunRecord(2));
        }
    }

    @Test
    @DisplayName("a task that takes all threads never runs beside another CPU task")
    void allCoresIsExclusive() {
        List<Task> tasks = IntStream.range(0, 12)
                .mapToObj(i -> task(0, i % 3 == 0 ? ALL_THREADS : ONE_THREAD, 1))
                .toList();
        RunRecord record = new RunRecord(tasks.size());
        try (DependencyExecutor executor = new DependencyExecutor(4, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 4, NO_LIMIT, task -> {}, record);
        }
        for (int task = 0; task < tasks.size(); task += 3) {
            assertEquals(0, record.coRunning(task));
        }
    }

    @Test
    @DisplayName("under a budget that holds one task they run one after another and all finish")
    void smallBudgetIsSequential() {
        List<Task> tasks = IntStream.range(0, 8).mapToObj(i -> task(0, ONE_THREAD, 10)).toList();
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger ran = new AtomicInteger();
        try (DependencyExecutor executor = new DependencyExecutor(4, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 4, 5, task -> {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                running.decrementAndGet();
                ran.incrementAndGet();
            }, new RunRecord(8));
        }
        assertEquals(1, most.get());
        assertEquals(8, ran.get());
    }

    @Test
    @DisplayName("a budget that does not hold all ready tasks goes to those that save most time side by side")
    void bindingBudgetGoesWhereItSavesMost() {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Task> tasks = List.of(
                task(0, ONE_THREAD, 50), task(0, ONE_THREAD, 20), task(0, ONE_THREAD, 30));
        RunRecord record = new RunRecord(3);
        try (DependencyExecutor executor = new DependencyExecutor(3, Scheduling.defaults())) {
            // The two small ones wait for each other: the run only ends if the big first one left them the budget.
            executor.run(new TaskGraph(tasks), 3, 50, task -> {
                if (task > 0) {
                    both.await(30, TimeUnit.SECONDS);
                }
            }, record);
        }
        assertEquals(0, record.coRunning(0));
        assertEquals(1, record.coRunning(1));
    }

    @Test
    @DisplayName("with the layer barrier no task starts before every earlier layer has ended")
    void layerBarrierHolds() {
        List<Task> tasks = List.of(
                task(0, ONE_THREAD, 1), task(0, ONE_THREAD, 1), task(1, ONE_THREAD, 1, 0));
        List<Integer> ended = Collections.synchronizedList(new ArrayList<>());
        try (DependencyExecutor executor = new DependencyExecutor(2, new Scheduling(true, SubsetRule.MOST_TIME_SAVED))) {
            for (int round = 0; round < 100; round++) {
                ended.clear();
                executor.run(new TaskGraph(tasks), 2, NO_LIMIT, ended::add, new RunRecord(3));
                assertEquals(2, ended.get(2));
            }
        }
    }

    @Test
    @DisplayName("a failing task ends the run with its cause and leaves the executor usable")
    void failureEndsTheRun() {
        IllegalStateException cause = new IllegalStateException("no");
        List<Task> tasks = List.of(task(0, ONE_THREAD, 1), task(1, ONE_THREAD, 1, 0));
        AtomicInteger ran = new AtomicInteger();
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            TaskFailedException failure = assertThrows(TaskFailedException.class, () -> executor.run(new TaskGraph(tasks), 2, NO_LIMIT, task -> {
                ran.incrementAndGet();
                throw cause;
            }, new RunRecord(2)));
            assertSame(cause, failure.getCause());
            assertEquals(0, failure.task());
            assertEquals(1, ran.get());
            executor.run(new TaskGraph(tasks), 2, NO_LIMIT, task -> ran.incrementAndGet(), new RunRecord(2));
            assertEquals(3, ran.get());
        }
    }

    @Test
    @DisplayName("of two ready tasks the one that starts the heavier chain goes first")
    void heavierChainFirst() {
        List<Task> tasks = List.of(
                new Task(List.of(), 0, ALL_THREADS, 0, 5),
                new Task(List.of(), 0, ALL_THREADS, 0, 1),
                new Task(List.of(1), 1, ALL_THREADS, 0, 9));
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 2, NO_LIMIT, order::add, new RunRecord(3));
        }
        assertEquals(List.of(1, 2, 0), order);
    }

    @Test
    @DisplayName("a graph is run again and again, also after one that failed")
    void reusesAGraph() {
        TaskGraph graph = new TaskGraph(List.of(task(0, ONE_THREAD, 1), task(1, ALL_THREADS, 1, 0)));
        AtomicInteger ran = new AtomicInteger();
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            assertThrows(TaskFailedException.class, () -> executor.run(graph, 2, NO_LIMIT, task -> {
                throw new IllegalStateException("no");
            }, new RunRecord(2)));
            for (int round = 0; round < 500; round++) {
                executor.run(graph, 2, NO_LIMIT, task -> ran.incrementAndGet(), new RunRecord(2));
            }
        }
        assertEquals(1_000, ran.get());
    }

    @Test
    @DisplayName("an interrupt while the caller waits for others does not cut the run short, and reaches the caller after it")
    void interruptedCaller() {
        List<Task> tasks = List.of(task(0, ONE_THREAD, 1), task(0, ONE_THREAD, 1));
        Thread caller = Thread.currentThread();
        AtomicInteger ended = new AtomicInteger();
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            CyclicBarrier bothRun = new CyclicBarrier(2);
            executor.run(new TaskGraph(tasks), 2, NO_LIMIT, task -> {
                bothRun.await();
                if (Thread.currentThread() != caller) {
                    // Long after the caller has stopped spinning.
                    Thread.sleep(50);
                    caller.interrupt();
                    Thread.sleep(50);
                }
                ended.incrementAndGet();
            }, new RunRecord(2));
            assertEquals(2, ended.get());
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    @DisplayName("a chain of tasks stays on the calling thread")
    void chainStays() {
        List<Task> chain = new ArrayList<>(List.of(task(0, ONE_THREAD, 1)));
        for (int next = 1; next < 200; next++) {
            chain.add(task(next, next % 2 == 0 ? ONE_THREAD : ALL_THREADS, 1, next - 1));
        }
        Thread caller = Thread.currentThread();
        try (DependencyExecutor executor = new DependencyExecutor(3, Scheduling.defaults())) {
            executor.run(new TaskGraph(chain), 3, NO_LIMIT, task -> assertSame(caller, Thread.currentThread()), new RunRecord(chain.size()));
        }
    }

    @Test
    @DisplayName("tasks that run at once never hold more threads than the run has, nor the same ones, whatever the graph and the budget")
    void neverMoreThreadsThanTheRunHas() {
        SplittableRandom random = new SplittableRandom(8);
        try (DependencyExecutor executor = new DependencyExecutor(6, Scheduling.defaults())) {
            for (int round = 0; round < 400; round++) {
                List<Task> tasks = randomTasks(random);
                int threads = 1 + random.nextInt(6);
                AtomicInteger held = new AtomicInteger();
                AtomicInteger most = new AtomicInteger();
                executor.run(new TaskGraph(tasks), threads, 1 + random.nextLong(300), task -> {
                    int needed = tasks.get(task).resource() instanceof Task.Resource.Threads wanted ? Math.min(wanted.count(), threads) : 0;
                    most.accumulateAndGet(held.addAndGet(needed), Math::max);
                    Thread.onSpinWait();
                    held.addAndGet(-needed);
                }, new RunRecord(tasks.size()));
                assertTrue(most.get() <= threads, "round " + round + ": " + most + " of " + threads + " threads");
                assertEquals(0, held.get());
            }
        }
    }

    @Test
    @DisplayName("two tasks of three threads run beside two of one where the run has eight, and a third waits")
    void mixesWidths() {
        List<Task> tasks = List.of(
                task(0, Task.Resource.threads(3), 1), task(0, Task.Resource.threads(3), 1), task(0, ONE_THREAD, 1), task(0, ONE_THREAD, 1),
                task(0, Task.Resource.threads(3), 1));
        CyclicBarrier four = new CyclicBarrier(4);
        AtomicInteger ended = new AtomicInteger();
        AtomicInteger endedBeforeTheThird = new AtomicInteger();
        try (DependencyExecutor executor = new DependencyExecutor(8, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 8, NO_LIMIT, task -> {
                if (task < 4) {
                    // Each waits for the other three: the run only ends if all four are running at once.
                    four.await(30, TimeUnit.SECONDS);
                    ended.incrementAndGet();
                } else {
                    endedBeforeTheThird.set(ended.get());
                }
            }, new RunRecord(tasks.size()));
        }
        assertTrue(endedBeforeTheThird.get() > 0);
    }

    @Test
    @DisplayName("tasks that need certain places run one after another where these overlap and side by side where not")
    void certainPlaces() {
        List<Task> tasks = List.of(
                task(0, new Task.Resource.Threads(2, OptionalInt.of(0)), 1),
                task(0, new Task.Resource.Threads(2, OptionalInt.of(1)), 1),
                task(0, new Task.Resource.Threads(2, OptionalInt.of(2)), 1));
        CyclicBarrier outer = new CyclicBarrier(2);
        RunRecord record = new RunRecord(3);
        try (DependencyExecutor executor = new DependencyExecutor(4, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 4, NO_LIMIT, task -> {
                if (task != 1) {
                    outer.await(30, TimeUnit.SECONDS);
                }
            }, record);
        }
        assertEquals(0, record.coRunning(1));
        assertEquals(1, record.coRunning(0));
    }

    /** Which threads are at which places, as the executor tells it. */
    private static final class NotedPlaces implements ThreadPlacing {
        private final List<Integer> started = Collections.synchronizedList(new ArrayList<>());
        private final CountDownLatch helpers;
        private final ThreadLocal<Integer> place = new ThreadLocal<>();

        NotedPlaces(int helpers) {
            this.helpers = new CountDownLatch(helpers);
        }

        @Override
        public void helperStarted(int worker) {
            assertTrue(Thread.currentThread().getName().endsWith("-" + (worker - 1)));
            started.add(worker);
            helpers.countDown();
        }

        @Override
        public void takes(int worker, int taken) {
            place.set(taken);
        }
    }

    @Test
    @DisplayName("each helper tells its number on its own thread before it helps")
    void helpersIntroduceThemselves() throws InterruptedException {
        NotedPlaces places = new NotedPlaces(2);
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults(), places)) {
            assertTrue(places.helpers.await(30, TimeUnit.SECONDS));
        }
        assertEquals(List.of(1, 2), places.started.stream().sorted().toList());
    }

    @Test
    @DisplayName("whoever starts a task works at the lowest of its places, and no place is taken twice at once")
    void workersArePlaced() {
        SplittableRandom random = new SplittableRandom(9);
        NotedPlaces places = new NotedPlaces(4);
        Set<Integer> taken = Collections.synchronizedSet(new HashSet<>());
        try (DependencyExecutor executor = new DependencyExecutor(4, Scheduling.defaults(), places)) {
            for (int round = 0; round < 200; round++) {
                List<Task> tasks = randomTasks(random);
                executor.run(new TaskGraph(tasks), 4, NO_LIMIT, task -> {
                    if (tasks.get(task).resource() instanceof Task.Resource.Threads threads) {
                        int place = places.place.get();
                        assertEquals(threads.first().orElse(place), place);
                        assertTrue(taken.add(place), "place " + place + " twice");
                        taken.remove(place);
                    } else {
                        assertEquals(ThreadPlacing.NO_PLACE, places.place.get());
                    }
                }, new RunRecord(tasks.size()));
            }
        }
    }

    @Test
    @DisplayName("a task that waits for a later one is refused")
    void refusesForwardDependencies() {
        List<Task> tasks = List.of(task(0, ONE_THREAD, 1, 1), task(0, ONE_THREAD, 1));
        assertThrows(IllegalArgumentException.class, () -> new TaskGraph(tasks));
    }
}
