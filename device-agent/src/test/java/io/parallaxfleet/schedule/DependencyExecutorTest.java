package io.parallaxfleet.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
            Task.Resource[] resources = Task.Resource.values();
            tasks.add(new Task(predecessors, layer, resources[random.nextInt(resources.length)], random.nextLong(80),
                    random.nextLong(9)));
        }
        return tasks;
    }

    @Test
    @DisplayName("independent one-core tasks run side by side")
    void runsSideBySide() {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Task> tasks = List.of(task(0, Task.Resource.ONE_CORE, 1), task(0, Task.Resource.ONE_CORE, 1));
        RunRecord record = new RunRecord(2);
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            // Each waits for the other: the run only ends if both are running at once.
            executor.run(new TaskGraph(tasks), 2, NO_LIMIT, task -> both.await(30, TimeUnit.SECONDS), record);
        }
        assertEquals(1, record.coRunning(0));
        assertEquals(1, record.coRunning(1));
    }

    @Test
    @DisplayName("the accelerator works beside a task that takes all cores")
    void acceleratorRunsBesideTheCpu() {
        CyclicBarrier both = new CyclicBarrier(2);
        List<Task> tasks = List.of(task(0, Task.Resource.ALL_CORES, 1), task(0, Task.Resource.ACCELERATOR, 1));
        try (DependencyExecutor executor = new DependencyExecutor(1, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 1, NO_LIMIT, task -> both.await(30, TimeUnit.SECONDS), new RunRecord(2));
        }
    }

    @Test
    @DisplayName("a task that takes all cores never runs beside another CPU task")
    void allCoresIsExclusive() {
        List<Task> tasks = IntStream.range(0, 12)
                .mapToObj(i -> task(0, i % 3 == 0 ? Task.Resource.ALL_CORES : Task.Resource.ONE_CORE, 1))
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
        List<Task> tasks = IntStream.range(0, 8).mapToObj(i -> task(0, Task.Resource.ONE_CORE, 10)).toList();
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
                task(0, Task.Resource.ONE_CORE, 50), task(0, Task.Resource.ONE_CORE, 20), task(0, Task.Resource.ONE_CORE, 30));
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
                task(0, Task.Resource.ONE_CORE, 1), task(0, Task.Resource.ONE_CORE, 1), task(1, Task.Resource.ONE_CORE, 1, 0));
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
        List<Task> tasks = List.of(task(0, Task.Resource.ONE_CORE, 1), task(1, Task.Resource.ONE_CORE, 1, 0));
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
                new Task(List.of(), 0, Task.Resource.ALL_CORES, 0, 5),
                new Task(List.of(), 0, Task.Resource.ALL_CORES, 0, 1),
                new Task(List.of(1), 1, Task.Resource.ALL_CORES, 0, 9));
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults())) {
            executor.run(new TaskGraph(tasks), 2, NO_LIMIT, order::add, new RunRecord(3));
        }
        assertEquals(List.of(1, 2, 0), order);
    }

    @Test
    @DisplayName("a graph is run again and again, also after one that failed")
    void reusesAGraph() {
        TaskGraph graph = new TaskGraph(List.of(task(0, Task.Resource.ONE_CORE, 1), task(1, Task.Resource.ALL_CORES, 1, 0)));
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
        List<Task> tasks = List.of(task(0, Task.Resource.ONE_CORE, 1), task(0, Task.Resource.ONE_CORE, 1));
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
        List<Task> chain = new ArrayList<>(List.of(task(0, Task.Resource.ONE_CORE, 1)));
        for (int next = 1; next < 200; next++) {
            chain.add(task(next, next % 2 == 0 ? Task.Resource.ONE_CORE : Task.Resource.ALL_CORES, 1, next - 1));
        }
        Thread caller = Thread.currentThread();
        try (DependencyExecutor executor = new DependencyExecutor(3, Scheduling.defaults())) {
            executor.run(new TaskGraph(chain), 3, NO_LIMIT, task -> assertSame(caller, Thread.currentThread()), new RunRecord(chain.size()));
        }
    }

    @Test
    @DisplayName("each helper tells its number on its own thread before it helps")
    void helpersIntroduceThemselves() throws InterruptedException {
        List<Integer> numbers = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch both = new CountDownLatch(2);
        try (DependencyExecutor executor = new DependencyExecutor(2, Scheduling.defaults(), helper -> {
            assertTrue(Thread.currentThread().getName().endsWith("-" + helper));
            numbers.add(helper);
            both.countDown();
        })) {
            assertTrue(both.await(30, TimeUnit.SECONDS));
        }
        assertEquals(List.of(0, 1), numbers.stream().sorted().toList());
    }

    @Test
    @DisplayName("a task that waits for a later one is refused")
    void refusesForwardDependencies() {
        List<Task> tasks = List.of(task(0, Task.Resource.ONE_CORE, 1, 1), task(0, Task.Resource.ONE_CORE, 1));
        assertThrows(IllegalArgumentException.class, () -> new TaskGraph(tasks));
    }
}
